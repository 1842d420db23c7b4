import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Client, Receipt, Write } from "@/core/api/types";
import { drafts } from "@/core/drafts";
import { facade } from "@/test/facade";
import { renderPage } from "@/test/render";
import { makeClient } from "@/test/samples";
import { MergeDialog } from "./MergeDialog";

const opened = makeClient(1, { name: "Ana", notes: "One" });
const other = makeClient(2, { name: "Ana Lima", document: "39053344705", notes: "Two" });
let register: Client[];

beforeEach(() => {
  register = [opened, other];
  facade.use(
    http.get("*/client", ({ request }) => {
      const id = new URL(request.url).searchParams.get("id");
      const client = register.find((one) => one.id === id);
      if (!id) return HttpResponse.json(register);
      return client ? HttpResponse.json(client) : HttpResponse.json({}, { status: 410 });
    }),
  );
});

type Answer = (write: Write) => Partial<Receipt>;
const accepted: Answer = () => ({ outcome: "accepted" });
const pending: Answer = () => ({ outcome: "pending" });
const refused =
  (code: string, more = {}): Answer =>
  () => ({ outcome: "refused", reason: { code, detail: code, ...more } as Receipt["reason"] });

/** The facade answers each request's writes with these; null is silence. */
function deciding(...requests: (Answer[] | null)[]): Write[][] {
  const sent: Write[][] = [];
  facade.use(
    http.post("*/client/writes", async ({ request }) => {
      const writes = (await request.json()) as Write[];
      const answers = requests[sent.length];
      sent.push(writes);
      if (!answers) return HttpResponse.error();
      const receipts = writes.map((write, i) => ({ ...write, ...answers[i]?.(write) }));
      return HttpResponse.json(receipts);
    }),
  );
  return sent;
}

async function compare() {
  const onShow = vi.fn();
  const user = userEvent.setup({ delay: null });
  renderPage(<MergeDialog opened={opened} onClose={() => {}} onShow={onShow} />);
  await user.click(await screen.findByRole("button", { name: /Ana Lima/ }));
  const press = (name: string) => user.click(screen.getByRole("button", { name }));
  return { onShow, user, press };
}

const report = () => screen.findByTestId("merge-report");

describe("merging two records", () => {
  it("proposes what each has, and takes both notes when that is chosen", async () => {
    const sent = deciding([accepted, accepted]);
    const { user, press } = await compare();

    expect(screen.getByRole("textbox", { name: "CPF or CNPJ to keep" })).toHaveValue(
      "390.533.447-05",
    );
    await user.click(screen.getByRole("radio", { name: /^Both/ }));
    await press("Merge");

    await report();
    expect(sent[0]?.map(({ operation }) => operation)).toEqual(["delete", "update"]);
    expect(sent[0]?.[1]).toMatchObject({
      client_id: opened.id,
      set: { document: "39053344705", notes: "One\n\nTwo" },
    });
  });

  it("keeps the other record when that is chosen", async () => {
    const sent = deciding([accepted, accepted]);
    const { user, press, onShow } = await compare();

    await user.click(screen.getByRole("radio", { name: /since.*Ana Lima$/ }));
    expect(screen.getByText("The other record (Ana) will be deleted.")).toBeInTheDocument();
    await press("Merge");

    expect(within(await report()).getByText(/Ana Lima now has one record/)).toBeInTheDocument();
    expect(sent[0]?.map((write) => [write.operation, write.client_id])).toEqual([
      ["update", other.id],
      ["delete", opened.id],
    ]);
    await press("Look at the client");
    expect(onShow).toHaveBeenCalledWith(other.id);
  });

  it("says what is missing when the other is gone, and makes up for it", async () => {
    const conflicts = [{ field: "notes", yours: "Two", theirs: "Three" }];
    const sent = deciding([accepted, refused("conflict", { conflicts })], [accepted]);
    const { user, press } = await compare();

    await user.click(screen.getByRole("radio", { name: /The other\s*Two/ }));
    await press("Merge");
    expect(await report()).toHaveTextContent(/Ana Lima\) was deleted, but Ana has not got/);
    expect(await report()).toHaveTextContent("Notes now: Three");
    expect(drafts.get(opened.id)?.form).toMatchObject({ name: "Ana", notes: "Two" });
    register = [{ ...opened, notes: "Three" }];
    await press("Save the data in Ana");

    await waitFor(async () => expect(await report()).toHaveTextContent("Done: Ana now has"));
    expect(sent[1]).toMatchObject([
      { operation: "update", set: { notes: "Two" }, was: { notes: "Three", document: null } },
    ]);
    expect(within(await report()).getAllByRole("listitem")).toHaveLength(2);
    expect(drafts.get(opened.id)).toBeNull();
  });

  it("says that nothing was done, and compares again with what holds now", async () => {
    deciding([refused("conflict"), refused("depends-on")]);
    const { press } = await compare();

    await press("Merge");
    expect(await report()).toHaveTextContent("Nothing changed: both records are as they were");
    expect(await report()).toHaveTextContent("Not tried");
    register = [opened, { ...other, notes: "Newer" }];
    await press("Compare again");

    expect(await screen.findByRole("radio", { name: /The other\s*Newer/ })).toBeInTheDocument();
  });

  it("sends the same writes again after silence", async () => {
    const sent = deciding(null, [accepted, accepted]);
    const { press } = await compare();

    await press("Merge");
    expect(await screen.findByRole("alert")).toHaveTextContent("repeating is safe");
    await press("Merge");

    await report();
    expect(sent[1]).toEqual(sent[0]);
  });

  it("tells what is kept in this branch for the server", async () => {
    deciding([pending, pending]);
    const { press } = await compare();

    await press("Merge");

    expect(await report()).toHaveTextContent("Kept in this branch");
    expect(within(await report()).getAllByText(/waiting for the server/)).toHaveLength(2);
  });
});
