import { describe, expect, it } from "vitest";
import { makeEntry } from "@/test/log";
import { isTraffic, matches, merged, spanOf, waterfallOf } from "./entries";

describe("an entry", () => {
  it("matches the filters as the log does", () => {
    const entry = makeEntry(1, { status: 404, latency_us: 2_000 });

    expect(matches(entry, {}, null)).toBe(true);
    expect(matches(entry, { route: "/client", status: "4xx", minLatencyUs: 2_000 }, null)).toBe(
      true,
    );
    for (const filter of [
      { route: "/sync" },
      { facade: "filial" },
      { method: "POST" },
      { status: "5xx" },
      { minLatencyUs: 2_001 },
    ]) {
      expect(matches(entry, filter, null), JSON.stringify(filter)).toBe(false);
    }
  });

  it("lies within a rectangle, whose end is beyond it in time but not in latency", () => {
    const entry = makeEntry(1, { latency_us: 2_000 });
    const ms = spanOf(entry).end / 1_000;
    const around = { from: ms, to: ms + 1, minUs: 2_000, maxUs: 2_000 };

    expect(matches(entry, {}, around)).toBe(true);
    expect(matches(entry, {}, { ...around, from: ms - 1, to: ms })).toBe(false);
    expect(matches(entry, {}, { ...around, minUs: 2_001, maxUs: 9_999 })).toBe(false);
  });

  it("of the log's own reading is no traffic", () => {
    const routes = ["/logs", "/logs/heatmap", "/logsheets", "/client"];

    expect(routes.filter((route) => isTraffic(makeEntry(1, { route })))).toEqual([
      "/logsheets",
      "/client",
    ]);
  });

  it("is in a merged list once, the newest first", () => {
    const [one, two, three] = [makeEntry(1), makeEntry(2), makeEntry(3)];

    expect(merged([three, two], [two, one])).toEqual([three, two, one]);
  });
});

describe("a trace", () => {
  it("is told in the order of beginning, from its first moment on", () => {
    const server = makeEntry(9, { facade: "server", latency_us: 4_000_000 });
    const facade = makeEntry(10, { latency_us: 6_000_000 });

    expect(waterfallOf([server, facade])).toEqual({
      totalUs: 6_000_000,
      spans: [
        { entry: facade, offsetUs: 0 },
        { entry: server, offsetUs: 1_000_000 },
      ],
    });
  });
});
