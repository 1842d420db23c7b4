import "fake-indexeddb/auto";
import { HttpResponse, http } from "msw";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { facade, problem } from "@/test/facade";
import { makeClient } from "@/test/samples";
import { type Claim, tabClaim } from "./claim";
import { Importer } from "./importer";
import type { Insert } from "./sender";
import { EMPTY, type ImportState } from "./state";
import { storage } from "./storage";

vi.hoisted(() => Object.assign(globalThis, { location: new URL("http://facade.test") }));

let state: ImportState = EMPTY;
let importer: Importer;
let register: Map<string, Insert>;
let locks: FakeLocks;
let tab: Claim;

/** As the browser does: one holder of a lock, the others in a queue. */
class FakeLocks {
  private tail: Promise<unknown> = Promise.resolve();
  private held = 0;

  request = async (_: string, { ifAvailable }: LockOptions, run: LockGrantedCallback<unknown>) => {
    if (ifAvailable && this.held > 0) return run(null);
    this.held++;
    const turn = this.tail.then(() => run({ name: "", mode: "exclusive" }));
    this.tail = turn.finally(() => this.held--);
    return this.tail;
  };
}

const open = () => {
  tab = tabClaim("import", locks as unknown as LockManager);
  return new Importer((told) => (state = told), tab);
};
const reload = async () => {
  tab.giveBack(); // as the browser does when a page goes
  importer = open();
  await importer.restore();
};
const file = (names: string[]) => new File([`name\n${names.join("\n")}\n`], "people.csv");
const people = (count: number) => Array.from({ length: count }, (_, n) => `Person ${n}`);
const accept = ({ write_id, client_id }: Insert) => ({ write_id, client_id, outcome: "accepted" });

/** Decides as a register does: a write that it knows is not done twice. */
async function decide(request: Request) {
  const inserts = (await request.json()) as Insert[];
  for (const insert of inserts) register.set(insert.write_id, insert);
  return HttpResponse.json(inserts.map(accept));
}

beforeAll(() => facade.listen({ onUnhandledRequest: "error" }));
beforeEach(async () => {
  await storage.forget();
  register = new Map();
  locks = new FakeLocks();
  importer = open();
  facade.use(
    http.get("*/client", () => new HttpResponse("")),
    http.post("*/client/writes", ({ request }) => decide(request)),
  );
});
afterEach(() => {
  importer.pause();
  facade.resetHandlers();
});
afterAll(() => facade.close());

describe("an import", () => {
  it("sends what is new in batches, with ids of its own", async () => {
    await importer.open(file([...people(450), "Person 3", ""]));
    expect(state.counts).toMatchObject({ new: 450, repeated: 1 });

    await importer.start();

    expect(state).toMatchObject({ phase: "done", counts: { imported: 450, repeated: 1 } });
    expect(register.size).toBe(450);
    expect(new Set([...register.values()].map(({ client_id }) => client_id)).size).toBe(450);
    expect([...register.values()][7]?.set).toMatchObject({ name: "Person 7", phone: null });
  });

  it("goes on after a reload with the same writes, the batch in doubt included", async () => {
    let requests = 0;
    facade.use(
      http.post("*/client/writes", async ({ request }) => {
        const answer = await decide(request);
        return ++requests < 2 ? answer : HttpResponse.error();
      }),
    );
    await importer.open(file(people(500)));
    void importer.start();
    await vi.waitFor(() => expect(state.waiting).toBe("no-answer"));
    const before = [...register.keys()];
    expect(before).toHaveLength(400);
    importer.pause();
    facade.use(http.post("*/client/writes", ({ request }) => decide(request)));

    await reload();
    expect(state).toMatchObject({ phase: "paused", progress: { sent: 200, total: 500 } });
    await importer.start();

    expect(state).toMatchObject({ phase: "done", counts: { imported: 500 } });
    expect([...register.keys()].slice(0, 400)).toEqual(before);
    expect(register.size).toBe(500);
  });

  it("still tells what became of each row when it is over and the page is reloaded", async () => {
    await importer.open(file(people(3)));
    await importer.start();

    await reload();

    expect(state).toMatchObject({ phase: "done", counts: { imported: 3, new: 0 } });
  });

  it("is forgotten with its file on demand", async () => {
    await importer.open(file(people(3)));
    await importer.start();
    await importer.discard();

    await reload();

    expect(state).toEqual(EMPTY);
  });

  it("belongs to one tab; another shows it once that one is closed", async () => {
    await importer.open(file(people(3)));
    await importer.start();
    const first = tab;
    importer = open();

    const restored = importer.restore();
    await vi.waitFor(() => expect(state.phase).toBe("elsewhere"));
    first.giveBack();
    await restored;

    expect(state).toMatchObject({ phase: "done", counts: { imported: 3 } });
  });

  it("that was begun in a tab closed since is taken up, not overwritten by another file", async () => {
    const idle = importer;
    await idle.restore();
    await new Promise((resolve) => setTimeout(resolve)); // a lock is free a little after it is given back
    importer = open();
    await importer.open(file(people(3)));
    await importer.start();
    tab.giveBack();

    await idle.open(file(["Somebody Else"]));

    expect(state).toMatchObject({ phase: "done", counts: { imported: 3 } });
  });

  it("tells what the server refused, and what is kept until it is back", async () => {
    const detail = "Another client has it.";
    facade.use(
      http.post("*/client/writes", async ({ request }) => {
        const [first, second, third] = ((await request.json()) as Insert[]).map(accept);
        const reason = { code: "duplicate-document", detail, holder: "x" };
        const errors = [{ field: "phone", code: "phone-format", detail: "No such number." }];
        const invalid = { code: "invalid", detail: "Wrong.", errors };
        return HttpResponse.json([
          { ...first, outcome: "refused", reason },
          { ...second, outcome: "pending", reason: null },
          { ...third, outcome: "refused", reason: invalid },
        ]);
      }),
    );
    await importer.open(file(people(3)));

    await importer.start();

    expect(state.counts).toMatchObject({ refused: 2, kept: 1 });
    expect(state.shown.rows.map(({ faults }) => faults)).toEqual([
      [{ field: null, code: "duplicate-document", detail }],
      [],
      [{ field: "phone", code: "phone-format", detail: "No such number." }],
    ]);
    expect(importer.left().map(({ cells }) => cells)).toEqual([["Person 0"], ["Person 2"]]);
  });

  it("waits while the facade can take no more, and says so", async () => {
    facade.use(http.post("*/client/writes", () => problem(503, "overloaded"), { once: true }));
    await importer.open(file(people(3)));

    const running = importer.start();

    await vi.waitFor(() => expect(state.waiting).toBe("busy"));
    await running;
    expect(state).toMatchObject({ phase: "done", waiting: null, counts: { imported: 3 } });
  });

  it("stops at what waiting would not heal", async () => {
    facade.use(http.post("*/client/writes", () => problem(403, "origin-refused")));
    await importer.open(file(people(3)));

    await importer.start();

    expect(state).toMatchObject({ phase: "paused", objection: "origin-refused" });
  });

  it("leaves out what the register has, and can't begin before it was compared", async () => {
    const known = `${JSON.stringify(makeClient(1, { name: "Person 1" }))}\n`;
    facade.use(http.get("*/client", () => problem(503, "not-ready"), { once: true }));
    await importer.open(file(people(3)));
    expect(state.comparison.state).toBe("failed");
    facade.use(http.get("*/client", () => new HttpResponse(known)));

    await importer.compare();

    expect(state).toMatchObject({ comparison: { state: "done" }, counts: { new: 2, known: 1 } });
  });

  it("shows a few rows of one kind", async () => {
    await importer.open(file([...people(50), "Person 1"]));

    importer.show("repeated");

    expect(state.shown.rows.map(({ number, twin }) => [number, twin])).toEqual([[52, 3]]);
  });
});
