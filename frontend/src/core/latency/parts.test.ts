import { describe, expect, it } from "vitest";
import { makeEntry } from "@/test/log";
import { partsByRoute, partsOf } from "./parts";

const sum = (parts: { us: number }[]) => parts.reduce((total, { us }) => total + us, 0);

describe("the parts of a request", () => {
  it("add up to its latency, with a rest", () => {
    expect(partsOf(makeEntry(1, { latency_us: 1_000, parts: { db: 400, queue: 100 } }))).toEqual([
      { name: "queue", us: 100 },
      { name: "db", us: 400 },
      { name: "other", us: 500 },
    ]);
  });

  it("are scaled down when they overlap", () => {
    const parts = partsOf(makeEntry(1, { latency_us: 1_000, parts: { db: 900, replica: 900 } }));

    expect(parts.map(({ name }) => name)).toEqual(["db", "replica"]);
    expect(sum(parts)).toBeCloseTo(1_000);
  });

  it("leave out the life of a stream after its first event, and gather what has no name here", () => {
    const parts = partsOf(makeEntry(1, { latency_us: 100, parts: { live: 60_000_000, own: 40 } }));

    expect(parts).toEqual([{ name: "other", us: 100 }]);
  });

  it("of a request that took no time are none", () => {
    expect(partsOf(makeEntry(1, { latency_us: 0, parts: {} }))).toEqual([]);
  });
});

describe("the parts by route", () => {
  it("are those of the mean request, the route that took most in sum first", () => {
    const routes = partsByRoute([
      makeEntry(1, { route: "/sync", latency_us: 3_000, parts: { db: 1_000 } }),
      makeEntry(2, { latency_us: 4_000, parts: { upstream: 4_000 } }),
      makeEntry(3, { latency_us: 2_000, parts: { db: 2_000 } }),
    ]);

    expect(routes).toEqual([
      {
        route: "/client",
        count: 2,
        meanUs: 3_000,
        parts: [
          { name: "db", us: 1_000 },
          { name: "upstream", us: 2_000 },
        ],
      },
      expect.objectContaining({ route: "/sync", count: 1, meanUs: 3_000 }),
    ]);
  });
});
