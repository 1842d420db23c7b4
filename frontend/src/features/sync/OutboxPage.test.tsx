import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import type { Client, LostChange, Reason, WaitingWrite } from "@/core/api/types";
import { facade, problem } from "@/test/facade";
import { renderPage } from "@/test/render";
import { lostChange, makeChange, makeClient, syncReport, waitingWrite } from "@/test/samples";
import OutboxPage from "./OutboxPage";

interface Sent {
  method: string;
  path: string;
  body: unknown;
}

interface Situation {
  writes?: WaitingWrite[];
  lost?: LostChange[];
  /** The answer to what is sent; one that succeeds empties the outbox. */
  answer?: () => Response;
  /** The verdict on what was sent, as the branch hears it a little later. */
  reason?: Partial<Reason>;
  client?: () => Client;
}

const NEW_ID = "0198c5a2-0000-7000-8000-00000000000b";

/** A facade with these writes in its outbox, and these changes lost. */
function setUp({ writes = [], lost = [], reason, ...more }: Situation) {
  const { answer = () => HttpResponse.json({ write_id: NEW_ID }, { status: 202 }) } = more;
  const { client = () => makeClient(1, { name: "Ana", notes: "theirs" }) } = more;
  const sent: Sent[] = [];
  let left = { writes, lost };
  const take = async ({ request }: { request: Request }) => {
    const text = await request.text();
    const path = new URL(request.url).pathname;
    sent.push({ method: request.method, path, body: text ? JSON.parse(text) : null });
    const response = answer();
    if (response.ok) left = { writes: [], lost: [] };
    return response;
  };
  facade.use(
    http.get("*/client", () => HttpResponse.json(client())),
    http.get("*/sync", () => {
      const refused = left.writes.filter(({ outcome }) => outcome === "refused").length;
      const outbox = { pending: left.writes.length - refused, refused, oldest_age_ms: 60_000 };
      return HttpResponse.json(syncReport({ outbox, writes: left.writes, lost: left.lost.length }));
    }),
    http.get("*/sync/lost", () => HttpResponse.json(left.lost)),
    http.get("*/client/writes/:id", ({ params }) =>
      HttpResponse.json({
        write_id: params.id,
        outcome: reason ? "refused" : "accepted",
        reason: reason ?? null,
      }),
    ),
    http.post("*/client", take),
    http.post("*/client/writes/:id/retry", take),
    http.put("*/client/writes/:id", take),
    http.delete("*/client/writes/:id", take),
    http.post("*/sync/lost/:id/offer", take),
    http.delete("*/sync/lost/:id", take),
  );
  renderPage(<OutboxPage />);
  return { sent, user: userEvent.setup({ delay: null }) };
}

const button = (name: string) => screen.findByRole("button", { name });
const field = (name: RegExp) => screen.findByRole("textbox", { name });

const refused = (code: string, more: Partial<Reason> = {}, fields: Partial<WaitingWrite> = {}) =>
  waitingWrite({
    outcome: "refused",
    reason: { code, detail: code, errors: null, conflicts: null, holder: null, ...more },
    ...fields,
  });
const conflict = refused("conflict", {
  conflicts: [{ field: "notes", yours: "mine", theirs: "theirs" }],
});

describe("the outbox", () => {
  it("says when there is nothing to send", async () => {
    setUp({});

    expect(await screen.findByText("Nothing to send")).toBeInTheDocument();
  });

  it("says when it can't know", async () => {
    facade.use(http.get("*/sync", () => HttpResponse.error()));
    renderPage(<OutboxPage />);

    expect(await screen.findByText("Could not learn what is to be sent")).toBeInTheDocument();
  });

  it("shows refused writes before those that wait, and says how many more there are", async () => {
    const writes = [refused("gone"), waitingWrite({ write_id: NEW_ID })];
    const outbox = { pending: 150, refused: 1, oldest_age_ms: 60_000 };
    facade.use(
      http.get("*/client", () => HttpResponse.json(makeClient(1))),
      http.get("*/sync", () => HttpResponse.json(syncReport({ writes, outbox }))),
    );
    renderPage(<OutboxPage />);

    await screen.findByText(/and 149 more/);
    const titles = screen.getAllByRole("heading", { level: 2 }).map((title) => title.textContent);
    expect(titles).toEqual(["Refused by the server 1", "Saved here, will be sent 150"]);
  });

  it("sends a pending write now, and does not offer to discard what may be decided", async () => {
    const { sent, user } = setUp({ writes: [waitingWrite()] });

    await user.click(await button("Send now"));

    await waitFor(() =>
      expect(sent[0]?.path).toBe(`/client/writes/${waitingWrite().write_id}/retry`),
    );
    expect(screen.queryByRole("button", { name: "Discard" })).not.toBeInTheDocument();
  });

  it("discards a refused write only when asked twice", async () => {
    const { sent, user } = setUp({ writes: [refused("invalid")] });

    await user.click(await button("Discard"));
    const question = within(await screen.findByRole("alertdialog"));
    expect(sent).toEqual([]);
    await user.click(question.getByRole("button", { name: "Discard" }));

    expect(await screen.findByText("Nothing to send")).toBeInTheDocument();
    expect(sent.map(({ method }) => method)).toEqual(["DELETE"]);
  });

  it("says when an action failed", async () => {
    const { user } = setUp({
      writes: [refused("depends-on")],
      answer: () => problem(503, "server-away") as never,
    });

    await user.click(await button("Send again"));

    expect(await screen.findByRole("alert")).toHaveTextContent("The server is away");
  });

  it("puts a refused write right: the objection stands beside its field, others are not touched", async () => {
    const errors = [{ field: "phone", code: "phone-format", detail: "No." }];
    const write = refused("invalid", { errors }, { set: { phone: "+5500" } });
    const { sent, user } = setUp({ writes: [write] });

    await user.click(await button("Edit"));
    await waitFor(async () => expect(await field(/^Phone/)).toBeInvalid());
    expect(screen.getAllByRole("textbox")).toHaveLength(1);
    await user.clear(await field(/^Phone/));
    await user.type(await field(/^Phone/), "11987654321");
    await user.click(await button("Save"));

    expect(await screen.findByText("Accepted by the server")).toBeInTheDocument();
    expect(sent[0]).toMatchObject({ method: "PUT", body: { set: { phone: "11987654321" } } });
  });
});

describe("a conflict", () => {
  it("is decided field by field: the result begins as mine, can be theirs, and can be written", async () => {
    const { sent, user } = setUp({ writes: [conflict] });

    await user.click(await button("Compare and decide"));
    const result = await field(/Will hold/);
    expect(result).toHaveValue("mine");
    await user.click(await button("All from the register"));
    expect(result).toHaveValue("theirs");
    await user.type(result, " and mine");
    await user.click(await button("Save"));

    expect(await screen.findByText("Accepted by the server")).toBeInTheDocument();
    expect(sent.map(({ body }) => body)).toEqual([{ set: { notes: "theirs and mine" } }]);
  });

  it("is not sent over what somebody else wrote while one was deciding", async () => {
    let theirs = "theirs";
    const { sent, user } = setUp({
      writes: [conflict],
      client: () => makeClient(1, { notes: theirs }),
    });
    await user.click(await button("Compare and decide"));
    await button("In the register theirs");

    theirs = "newest";
    await user.click(await button("Save"));

    expect(await screen.findByRole("alert")).toHaveTextContent("just changed again");
    expect(await button("In the register newest")).toBeInTheDocument();
    expect(sent).toEqual([]);
    await user.click(await button("Save"));
    await waitFor(() => expect(sent).toHaveLength(1));
  });

  it("that comes again is shown again, and what is then sent replaces the newer write", async () => {
    const { sent, user } = setUp({ writes: [conflict], reason: conflict.reason ?? {} });
    await user.click(await button("Compare and decide"));

    await user.click(await button("Save"));
    expect(await screen.findByRole("alert")).toHaveTextContent("just changed again");
    await user.click(await button("Save"));

    await waitFor(() => expect(sent).toHaveLength(2));
    expect(sent.map(({ path }) => path)).toEqual([
      `/client/writes/${conflict.write_id}`,
      `/client/writes/${NEW_ID}`,
    ]);
  });

  it("of a deletion is to delete anyway, or not", async () => {
    const write = { ...conflict, operation: "delete" as const, set: {}, was: { name: "Ana" } };
    const { sent, user } = setUp({ writes: [write] });

    await user.click(await button("Delete anyway"));
    const question = within(await screen.findByRole("alertdialog", { name: "Delete Ana anyway?" }));
    await user.click(question.getByRole("button", { name: "Delete anyway" }));

    await waitFor(() => expect(sent[0]).toMatchObject({ method: "PUT", body: { set: {} } }));
  });
});

describe("a write whose client is gone", () => {
  it("can be registered anew, with what was known of the client, and is then closed", async () => {
    const before = makeClient(1, { name: "Ana", phone: "+5511987654321", notes: "old" });
    facade.use(
      http.get("*/client/history", () =>
        HttpResponse.json({
          client_id: before.id,
          complete: true,
          since: null,
          changes: [makeChange("insert", 1, before), makeChange("delete", 2, before)],
        }),
      ),
    );
    const { sent, user } = setUp({
      writes: [refused("gone")],
      answer: () => new HttpResponse(null, { status: 201 }),
    });

    await user.click(await button("Register anew"));
    expect(await field(/^Notes/)).toHaveValue("mine");
    await user.click(await button("Save"));

    await waitFor(() => expect(sent).toHaveLength(2));
    expect(sent[0]?.body).toEqual({ name: "Ana", phone: "(11) 98765-4321", notes: "mine" });
    expect(sent[1]).toMatchObject({ method: "DELETE" });
  });
});

describe("a change that a restored register has lost", () => {
  it("is shown before and after, and can be offered again", async () => {
    const { sent, user } = setUp({ lost: [lostChange()] });

    const card = within(await screen.findByTestId("lost-card"));
    expect(card.getByText("before", { selector: "del" })).toBeInTheDocument();
    expect(card.getByText("after", { selector: "ins" })).toBeInTheDocument();
    await user.click(await button("Offer again"));

    expect(await screen.findByText("Nothing to send")).toBeInTheDocument();
    expect(sent[0]?.path).toBe(`/sync/lost/${lostChange().headers.write_id}/offer`);
  });

  it("can be let go, when asked twice", async () => {
    const { sent, user } = setUp({ lost: [lostChange()] });

    await user.click(await button("Let go"));
    const question = within(await screen.findByRole("alertdialog"));
    await user.click(question.getByRole("button", { name: "Let go" }));

    await waitFor(() => expect(sent.map(({ method }) => method)).toEqual(["DELETE"]));
  });

  it("stays when the register does not take it, and shows both sides", async () => {
    const conflicts = [{ field: "notes", yours: "after", theirs: "newer" }];
    const { user } = setUp({
      lost: [lostChange()],
      answer: () => problem(409, "conflict", { conflicts }) as never,
    });

    await user.click(await button("Offer again"));

    expect(await screen.findByText(/in the register “newer”/)).toBeInTheDocument();
    expect(screen.getByTestId("lost-card")).toBeInTheDocument();
  });
});
