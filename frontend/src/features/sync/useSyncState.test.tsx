import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SyncState } from "@/core/sync/standing";
import { useLastingState } from "./useSyncState";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp(first: SyncState) {
  const { result, rerender } = renderHook(useLastingState, { initialProps: first });
  const become = (state: SyncState) => rerender(state);
  const pass = (ms: number) => act(() => vi.advanceTimersByTime(ms));
  return { shown: () => result.current, become, pass };
}

describe("the state that is shown", () => {
  it("stays live while a write passes through", () => {
    const { shown, become, pass } = setUp("live");

    become("waiting");
    pass(100);
    become("syncing");
    pass(100);

    expect(shown()).toBe("live");
  });

  it("says that writes wait, when they do", () => {
    const { shown, become, pass } = setUp("live");

    become("waiting");
    pass(1_000);

    expect(shown()).toBe("waiting");
  });

  it.each(["offline", "error", "unreachable"] as const)("is %s at once", (state) => {
    const { shown, become } = setUp("live");

    become(state);

    expect(shown()).toBe(state);
  });

  it("goes from one state that lasts to another without a moment of live", () => {
    const { shown, become, pass } = setUp("offline");
    pass(1);

    become("syncing");

    expect(shown()).toBe("syncing");
  });
});
