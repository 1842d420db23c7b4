import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { everySecond } from "./clock";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("ticks for all by one timer, and not at all when nobody listens", () => {
  const [first, second] = [vi.fn(), vi.fn()];
  const stops = [everySecond(first), everySecond(second)];

  vi.advanceTimersByTime(2_000);
  expect(vi.getTimerCount()).toBe(1);
  for (const stop of stops) stop();

  expect([first, second].map((heard) => heard.mock.calls.length)).toEqual([2, 2]);
  expect(vi.getTimerCount()).toBe(0);
});
