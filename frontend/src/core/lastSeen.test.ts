import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { makeClient } from "@/test/samples";
import { clear, forget, LAST_SEEN_ROWS_MAX, load, save } from "./lastSeen";

const some = (count: number) => Array.from({ length: count }, (_, n) => makeClient(n));

describe("what was seen last", () => {
  beforeEach(() => clear());

  it("is nothing at first", async () => {
    expect(await load()).toBeNull();
  });

  it("is the page that was kept last, with its time", async () => {
    await save([makeClient(1)], 1_000);
    await save([makeClient(2), makeClient(3)], 2_000);

    const seen = await load();

    expect(seen?.clients.map(({ name }) => name)).toEqual(["Client 2", "Client 3"]);
    expect(seen?.at).toBe(2_000);
  });

  it("loses who was erased, and nobody else", async () => {
    await save([makeClient(1), makeClient(2)], 1_000);

    await forget([makeClient(1).id, makeClient(9).id]);

    const seen = await load();
    expect(seen?.clients.map(({ name }) => name)).toEqual(["Client 2"]);
    expect(seen?.at).toBe(1_000);
  });

  it("is bounded, and holds no more of a client than a line of the list shows", async () => {
    await save([makeClient(0, { notes: "Pays late." }), ...some(500)]);

    const seen = await load();

    expect(seen?.clients).toHaveLength(LAST_SEEN_ROWS_MAX);
    expect(JSON.stringify(seen)).not.toContain("Pays late.");
  });

  it("is forgotten on demand", async () => {
    await save(some(2));

    await clear();

    expect(await load()).toBeNull();
  });

  it("is nothing where the browser gives no database", async () => {
    vi.spyOn(IDBFactory.prototype, "open").mockImplementation(() => {
      throw new DOMException("denied", "SecurityError");
    });
    vi.resetModules();
    const denied = await import("./lastSeen");

    await denied.save(some(1));

    expect(await denied.load()).toBeNull();
  });
});
