import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { position, syncReport } from "@/test/samples";
import { syncQuery } from "../api/sync";
import { type Follower, follow } from "../live/follow";
import { followSync } from "./feed";
import { isPushed } from "./pushed";

vi.mock("../live/follow");

let cache: QueryClient;
let feed: Required<Follower<{ value: unknown }>>;
let stop: () => void;
const asked = vi.fn();

function begin() {
  feed.onStart(position(3));
  feed.onStatus("live");
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.mocked(follow).mockImplementation((_, follower) => {
    feed = follower as never;
    return () => {};
  });
  asked.mockReset();
  cache = new QueryClient();
  cache.invalidateQueries = asked;
  stop = followSync(cache);
});

afterEach(() => {
  stop();
  vi.useRealTimers();
});

describe("the feed of states", () => {
  it("puts the last state that was told where the pages look", () => {
    begin();
    feed.onMessages([
      { value: syncReport({ state: "syncing" }) },
      { value: syncReport({ state: "offline" }) },
    ]);

    expect(cache.getQueryData(syncQuery.queryKey)).toMatchObject({ state: "offline" });
  });

  it("is not overtaken by an answer that was asked for before", async () => {
    let answer = (_: unknown) => {};
    const asking = cache.fetchQuery({
      queryKey: syncQuery.queryKey,
      queryFn: ({ signal }) =>
        new Promise((resolve) => {
          answer = resolve;
          signal.throwIfAborted();
        }),
    });

    feed.onMessages([{ value: syncReport({ state: "offline" }) }]);
    answer(syncReport({ state: "live" }));
    await asking;

    expect(cache.getQueryData(syncQuery.queryKey)).toMatchObject({ state: "offline" });
  });

  it("asks once at its beginning, for what was before, and then no more", () => {
    begin();
    vi.advanceTimersByTime(10_000);

    expect(asked).toHaveBeenCalledTimes(1);
    expect([isPushed(), syncQuery.refetchInterval()]).toEqual([true, false]);
  });

  it("does not ask when a stream ends in the course of things", () => {
    begin();
    feed.onStatus("reconnecting");
    vi.advanceTimersByTime(300);
    feed.onStatus("live");
    vi.advanceTimersByTime(10_000);

    expect(asked).toHaveBeenCalledTimes(1);
  });

  it("asks when the line stays broken, from then on in turns", () => {
    begin();
    feed.onStatus("reconnecting");
    vi.advanceTimersByTime(1_500);

    expect(asked).toHaveBeenCalledTimes(2);
    expect(syncQuery.refetchInterval()).toBeGreaterThan(0);
  });
});
