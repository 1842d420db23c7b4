import { describe, expect, it } from "vitest";
import { makeFacade } from "@/test/samples";
import { byUrgency, countInStep, standingOf } from "./facades";

const refused = { outbox: { pending: 3, refused: 1, oldest_age_ms: 9 } };
const waiting = { outbox: { pending: 3, refused: 0, oldest_age_ms: 9 } };

describe("how a facade stands", () => {
  it("is what matters most of all that is wrong with it", () => {
    const syncing = { state: "syncing" } as const;
    const offline = { state: "offline" } as const;

    expect(standingOf(makeFacade())).toBe("live");
    expect(standingOf(makeFacade(waiting))).toBe("waiting");
    expect(standingOf(makeFacade({ ...waiting, ...syncing }))).toBe("syncing");
    expect(standingOf(makeFacade({ ...refused, ...syncing }))).toBe("trouble");
    expect(standingOf(makeFacade({ lost: 2 }))).toBe("trouble");
    expect(standingOf(makeFacade({ ...refused, ...offline }))).toBe("offline");
    expect(standingOf(makeFacade({ ...offline, seen_age_ms: 60_000 }))).toBe("gone");
  });

  it("puts those first that need a look, then goes by name", () => {
    const facades = [
      makeFacade({ name: "b" }),
      makeFacade({ name: "a" }),
      makeFacade({ name: "d", ...refused }),
      makeFacade({ name: "c", seen_age_ms: 60_000 }),
    ];

    expect(byUrgency(facades).map(({ name }) => name)).toEqual(["c", "d", "a", "b"]);
    expect(countInStep(facades)).toBe(2);
  });
});
