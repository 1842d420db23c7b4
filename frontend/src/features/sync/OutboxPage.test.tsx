import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import type { WaitingWrite } from "@/core/api/types";
import { facade, problem } from "@/test/facade";
import { renderPage } from "@/test/render";
import { makeClient, syncReport } from "@/test/samples";
import OutboxPage from "./OutboxPage";

function waiting(fields: Partial<WaitingWrite>): WaitingWrite {
  return {
    write_id: "0198c5a2-0000-7000-8000-00000000000a",
    client_id: makeClient(1).id,
    operation: "update",
    outcome: "refused",
    reason: null,
    at: "2026-07-01T12:00:00Z",
    set: { notes: "mine" },
    was: { notes: "old" },
    age_ms: 60_000,
    attempts: 1,
    last_error: null,
    next_retry_at: null,
    ...fields,
  };
}

interface Sent {
  method: string;
  path: string;
  body: unknown;
}

/** A facade with these writes in its outbox; what is sent to it empties that. */
function setUp(writes: WaitingWrite[], answer = () => new HttpResponse(null, { status: 204 })) {
  const sent: Sent[] = [];
  let left = writes;
  const take = async ({ request }: { request: Request }) => {
    const text = await request.text();
    const path = new URL(request.url).pathname.replace("/client/writes/", "");
    sent.push({ method: request.method, path, body: text ? JSON.parse(text) : null });
    const response = answer();
    if (response.ok) left = [];
    return response;
  };
  facade.use(
    http.get("*/client", () => HttpResponse.json(makeClient(1, { name: "Ana" }))),
    http.get("*/sync", () => {
      const refused = left.filter(({ outcome }) => outcome === "refused").length;
      const outbox = { pending: left.length - refused, refused, oldest_age_ms: 60_000 };
      return HttpResponse.json(syncReport({ outbox, writes: left }));
    }),
    http.post("*/client/writes/:id/retry", take),
    http.put("*/client/writes/:id", take),
    http.delete("*/client/writes/:id", take),
  );
  renderPage(<OutboxPage />);
  return { sent, user: userEvent.setup({ delay: null }) };
}

const button = (name: string) => screen.findByRole("button", { name });
const reason = (code: string, more = {}) => ({
  code,
  detail: code,
  errors: null,
  conflicts: null,
  holder: null,
  ...more,
});

describe("the outbox", () => {
  it("says when there is nothing to send", async () => {
    setUp([]);

    expect(await screen.findByText("Nothing to send")).toBeInTheDocument();
  });

  it("shows both sides of a conflict, and lets one's own hold against the register as it is", async () => {
    const conflicts = [{ field: "notes", yours: "mine", theirs: "theirs" }];
    const { sent, user } = setUp([waiting({ reason: reason("conflict", { conflicts }) })]);

    expect(await screen.findByText(/in the register “theirs”/)).toBeInTheDocument();
    await user.click(await button("Keep mine"));

    expect(await screen.findByText("Nothing to send")).toBeInTheDocument();
    expect(sent).toEqual([
      { method: "PUT", path: waiting({}).write_id, body: { set: { notes: "mine" } } },
    ]);
  });

  it("puts a refused write right: the objection stands beside its field, other fields are not touched", async () => {
    const errors = [{ field: "phone", code: "phone-format", detail: "No." }];
    const write = waiting({ set: { phone: "+5500" }, reason: reason("invalid", { errors }) });
    const { sent, user } = setUp([write]);

    await user.click(await button("Edit"));
    const form = within(await screen.findByTestId("waiting-form"));
    await waitFor(() => expect(form.getByRole("textbox", { name: "Phone" })).toBeInvalid());
    expect(form.getAllByRole("textbox")).toHaveLength(1);
    await user.clear(form.getByRole("textbox", { name: "Phone" }));
    await user.type(form.getByRole("textbox", { name: "Phone" }), "11987654321");
    await user.click(form.getByTestId("save-client"));

    await waitFor(() => expect(sent).toHaveLength(1));
    expect(sent[0]).toMatchObject({ method: "PUT", body: { set: { phone: "11987654321" } } });
  });

  it("discards a refused write only when asked twice", async () => {
    const { sent, user } = setUp([waiting({ reason: reason("gone") })]);

    await user.click(await button("Discard"));
    expect(sent).toEqual([]);
    const question = within(await screen.findByRole("alertdialog"));
    await user.click(question.getByRole("button", { name: "Discard" }));

    await waitFor(() => expect(sent[0]?.method).toBe("DELETE"));
  });

  it("sends a pending write now", async () => {
    const { sent, user } = setUp([waiting({ outcome: "pending" })]);

    await user.click(await button("Send now"));

    await waitFor(() => expect(sent[0]?.path).toBe(`${waiting({}).write_id}/retry`));
    expect(screen.queryByRole("button", { name: "Discard" })).not.toBeInTheDocument();
  });

  it("says when an action failed", async () => {
    const { user } = setUp([waiting({})], () => problem(503, "server-away") as never);

    await user.click(await button("Send again"));

    expect(await screen.findByRole("alert")).toHaveTextContent("The server is away");
  });
});
