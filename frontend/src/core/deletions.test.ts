import { describe, expect, it } from "vitest";
import { makeClient } from "@/test/samples";
import { HttpProblem, NoAnswer } from "./api/http";
import type { Receipt, Write } from "./api/types";
import { type DeletionOutcome, Deletions, UNDO_MS } from "./deletions";

const ana = makeClient(1, { name: "Ana", phone: "+5511987654321" });
const bia = makeClient(2, { name: "Bia" });

function setUp(answer: (write: Write) => Partial<Receipt> = () => ({ outcome: "accepted" })) {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  const sent: Write[] = [];
  const outcomes: DeletionOutcome[] = [];
  const deletions = new Deletions({
    send: async (write) => {
      sent.push(write);
      return answer(write) as Receipt;
    },
    after: (ms, run) => {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
  });
  const pass = async (ms: number) => {
    now += ms;
    const due = timers.filter(({ at }) => at <= now);
    timers = timers.filter(({ at }) => at > now);
    for (const { run } of due) run();
    await settle();
  };
  const begin = (client: typeof ana) =>
    deletions.begin(client, { onOver: () => {}, onOutcome: (outcome) => outcomes.push(outcome) });
  return { deletions, begin, sent, outcomes, pass };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("deleting with a way back", () => {
  it("hides a client at once and sends nothing while that can be undone", async () => {
    const { deletions, begin, sent, pass } = setUp();

    begin(ana);
    await pass(UNDO_MS - 1);

    expect(deletions.get()).toEqual(new Set([ana.id]));
    expect(sent).toEqual([]);
  });

  it("deletes what was seen when the time is over", async () => {
    const { begin, sent, outcomes, pass } = setUp();

    begin(ana);
    await pass(UNDO_MS);

    expect(sent).toMatchObject([
      {
        operation: "delete",
        client_id: ana.id,
        set: {},
        was: { name: "Ana", phone: "+5511987654321", document: null, email: null, notes: null },
      },
    ]);
    expect(outcomes).toEqual([{ outcome: "accepted" }]);
  });

  it("brings a client back with nothing sent", async () => {
    const { deletions, begin, sent, pass } = setUp();

    begin(ana);
    deletions.undo(ana.id);
    await pass(UNDO_MS);

    expect(deletions.get()).toEqual(new Set());
    expect(sent).toEqual([]);
  });

  it("waits while somebody considers, and then gives the whole time anew", async () => {
    const { deletions, begin, sent, pass } = setUp();

    begin(ana);
    deletions.hold(ana.id, true);
    await pass(10 * UNDO_MS);
    deletions.hold(ana.id, false);
    await pass(UNDO_MS - 1);
    expect(sent).toEqual([]);
    await pass(1);

    expect(sent).toHaveLength(1);
  });

  it("gives each of several its own time", async () => {
    const { deletions, begin, sent, pass } = setUp();

    begin(ana);
    await pass(6_000);
    begin(bia);
    await pass(4_000);

    expect(sent.map(({ client_id }) => client_id)).toEqual([ana.id]);
    expect(deletions.canUndo(bia.id)).toBe(true);
  });

  it("sends all that waits when the page is left, once", async () => {
    const { deletions, begin, sent, pass } = setUp();

    begin(ana);
    begin(bia);
    deletions.sendAll();
    deletions.sendAll();
    await pass(UNDO_MS);

    expect(sent.map(({ client_id }) => client_id)).toEqual([ana.id, bia.id]);
  });

  it("undoes nothing that was sent", async () => {
    const { deletions, begin, pass } = setUp();

    begin(ana);
    await pass(UNDO_MS);
    deletions.undo(ana.id);

    expect(deletions.get()).toEqual(new Set([ana.id]));
  });

  it("hides a deleted client until the lists know, and no longer", async () => {
    const { deletions, begin, pass } = setUp();

    begin(ana);
    await pass(UNDO_MS);
    await pass(UNDO_MS);

    expect(deletions.get()).toEqual(new Set());
  });

  it("shows a client again that changed meanwhile, and says why", async () => {
    const conflicts = [{ field: "name", yours: "Ana", theirs: "Ana Lima" }];
    const reason = { code: "conflict", detail: "", conflicts } as Receipt["reason"];
    const { deletions, begin, outcomes, pass } = setUp(() => ({ outcome: "refused", reason }));

    begin(ana);
    await pass(UNDO_MS);

    expect(deletions.get()).toEqual(new Set());
    expect(outcomes).toEqual([{ outcome: "refused", objection: { kind: "conflict", conflicts } }]);
  });

  it.each([
    [new NoAnswer("lost"), "no-answer"],
    [new HttpProblem(503, { code: "overloaded" }), "busy"],
  ])("shows a client again when nobody decided: %s", async (error, kind) => {
    const { deletions, begin, outcomes, pass } = setUp(() => {
      throw error;
    });

    begin(ana);
    await pass(UNDO_MS);

    expect(deletions.get()).toEqual(new Set());
    expect(outcomes).toMatchObject([{ outcome: "refused", objection: { kind } }]);
  });
});
