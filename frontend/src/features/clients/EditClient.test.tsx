import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { describe, expect, it, vi } from "vitest";
import type { Client, Reason, Write } from "@/core/api/types";
import { facade } from "@/test/facade";
import { renderPage } from "@/test/render";
import { makeClient } from "@/test/samples";
import { EditClient } from "./EditClient";

const loaded = makeClient(1, { name: "Ana", phone: "+5511987654321", notes: "old" });

/** The facade answers each write with the next of these reasons; null is accepted. */
function deciding(...reasons: (Partial<Reason> | null)[]): Write[] {
  const writes: Write[] = [];
  facade.use(
    http.post("*/client/writes", async ({ request }) => {
      const [write] = (await request.json()) as [Write];
      writes.push(write);
      const reason = reasons[writes.length - 1] ?? null;
      return HttpResponse.json([{ ...write, outcome: reason ? "refused" : "accepted", reason }]);
    }),
  );
  return writes;
}

function setUp(current: Client | null = loaded) {
  const onSaved = vi.fn();
  const guard = { mark: () => {}, leave: (action: () => void) => action(), question: null };
  renderPage(
    <EditClient
      loaded={loaded}
      current={current}
      guard={guard}
      onCancel={() => {}}
      onSaved={onSaved}
      onShow={() => {}}
    />,
  );
  return { onSaved, user: userEvent.setup({ delay: null }) };
}

async function write(user: ReturnType<typeof userEvent.setup>, notes: string) {
  const field = screen.getByRole("textbox", { name: "Notes" });
  await user.clear(field);
  await user.type(field, notes);
  await user.click(screen.getByTestId("save-client"));
}

describe("editing a client", () => {
  it("sends the changed fields only, with the values that the form was loaded with", async () => {
    const writes = deciding(null);
    const { user, onSaved } = setUp();

    await write(user, "new");

    await waitFor(() => expect(onSaved).toHaveBeenCalledWith("accepted"));
    expect(writes[0]).toMatchObject({
      operation: "update",
      client_id: loaded.id,
      set: { notes: "new" },
      was: { notes: "old" },
    });
  });

  it("sends nothing when nothing was changed", async () => {
    const writes = deciding();
    const { user, onSaved } = setUp();

    await user.click(screen.getByTestId("save-client"));

    await waitFor(() => expect(onSaved).toHaveBeenCalledWith("unchanged"));
    expect(writes).toEqual([]);
  });

  it("shows a conflict with both values, and saves the one that is chosen", async () => {
    const conflicts = [{ field: "notes", yours: "mine", theirs: "theirs" }];
    const writes = deciding({ code: "conflict", conflicts }, null);
    const { user, onSaved } = setUp();

    await write(user, "mine");
    expect(await screen.findByRole("radio", { name: /In the register/ })).not.toBeChecked();
    await user.click(screen.getByTestId("save-client"));

    await waitFor(() => expect(onSaved).toHaveBeenCalledWith("accepted"));
    expect(writes[1]).toMatchObject({ set: { notes: "mine" }, was: { notes: "theirs" } });
    expect(writes[1]?.write_id).not.toBe(writes[0]?.write_id);
  });

  it("takes the register's value when that is chosen", async () => {
    const conflicts = [{ field: "notes", yours: "mine", theirs: "theirs" }];
    const writes = deciding({ code: "conflict", conflicts });
    const { user, onSaved } = setUp();

    await write(user, "mine");
    await user.click(await screen.findByRole("radio", { name: /In the register/ }));
    expect(screen.getByRole("textbox", { name: "Notes" })).toHaveValue("theirs");
    await user.click(screen.getByTestId("save-client"));

    await waitFor(() => expect(onSaved).toHaveBeenCalledWith("unchanged"));
    expect(writes).toHaveLength(1);
  });

  it("repeats the same write after silence", async () => {
    const ids: string[] = [];
    facade.use(
      http.post("*/client/writes", async ({ request }) => {
        const [sent] = (await request.json()) as [Write];
        ids.push(sent.write_id);
        if (ids.length === 1) return HttpResponse.error();
        return HttpResponse.json([{ ...sent, outcome: "accepted", reason: null }]);
      }),
    );
    const { user, onSaved } = setUp();

    await write(user, "new");
    await user.click(await screen.findByRole("button", { name: "Try again" }));

    await waitFor(() => expect(onSaved).toHaveBeenCalledWith("accepted"));
    expect(ids[1]).toBe(ids[0]);
  });

  it("tells a write that is kept in this branch from one that the server has accepted", async () => {
    facade.use(
      http.post("*/client/writes", async ({ request }) => {
        const [sent] = (await request.json()) as [Write];
        return HttpResponse.json([{ ...sent, outcome: "pending", reason: null }], { status: 202 });
      }),
    );
    const { user, onSaved } = setUp();

    await write(user, "new");

    await waitFor(() => expect(onSaved).toHaveBeenCalledWith("pending"));
  });

  it("says when the client was deleted meanwhile, and keeps what was typed", () => {
    setUp(null);

    expect(screen.getByText(/was deleted while you were editing/)).toBeInTheDocument();
    expect(screen.getByRole("textbox", { name: "Notes" })).toHaveValue("old");
  });
});
