import { describe, expect, it } from "vitest";
import { syncReport } from "@/test/samples";
import type { SyncReport } from "../api/types";
import { standingOf } from "./standing";

const outbox = (pending: number, refused: number) => ({ pending, refused, oldest_age_ms: null });
const digest = { ...syncReport().digest, state: "differs" as const, agreed: false };

describe("the standing of a branch", () => {
  it.each<[string, Partial<SyncReport>]>([
    ["live", {}],
    ["waiting", { outbox: outbox(2, 0) }],
    ["syncing", { outbox: outbox(2, 0), state: "syncing" }],
    ["error", { outbox: outbox(2, 1), state: "syncing" }],
    ["error", { lost: 1, state: "syncing" }],
    ["error", { digest, state: "syncing" }],
    ["offline", { outbox: outbox(2, 1), state: "offline", lost: 1, digest }],
  ])("is %s, the worst of what is true", (state, fields) => {
    expect(standingOf(syncReport(fields), true).state).toBe(state);
  });

  it("is unreachable above all, whatever was heard last", () => {
    const last = syncReport({ state: "offline", outbox: outbox(3, 0) });

    expect(standingOf(last, false)).toEqual({ state: "unreachable", pending: 3, open: 0 });
    expect(standingOf(undefined, false).state).toBe("unreachable");
  });

  it("claims nothing before the first word", () => {
    expect(standingOf(undefined, true)).toEqual({ state: "checking", pending: 0, open: 0 });
  });

  it("counts what a person has to decide about", () => {
    expect(standingOf(syncReport({ outbox: outbox(4, 2), lost: 3 }), true)).toMatchObject({
      pending: 4,
      open: 5,
    });
  });
});
