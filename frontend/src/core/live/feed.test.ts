import { beforeEach, describe, expect, it, vi } from "vitest";
import { makeChange, makeClient, position } from "@/test/samples";
import { FakeStreams } from "@/test/streams";
import { Feed, type FeedStatus } from "./feed";

/** A feed whose time, luck and network are the test's. */
function setUp() {
  const streams = new FakeStreams();
  const changes: unknown[][] = [];
  const starts: string[] = [];
  const told: FeedStatus[] = [];
  const feed = new Feed({
    address: "/client/changes",
    onMessages: (batch) => changes.push(batch),
    onStart: (offset) => starts.push(offset),
    onStatus: (status) => told.push(status),
    open: streams.open,
    random: () => 1,
  });
  return { feed, streams, changes, starts, told };
}

const change = makeChange("insert", 8, makeClient(8));
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe("the feed", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    return () => vi.useRealTimers();
  });

  it("begins now, and is live when the facade has answered", async () => {
    const { feed, streams, starts } = setUp();

    feed.resume();
    expect([streams.last.asked, feed.status]).toEqual(["now", "connecting"]);

    await streams.last.answer(position(7));
    expect([feed.status, starts]).toEqual(["live", [position(7)]]);
  });

  it("hands changes on, and goes on after them when the stream ends", async () => {
    const { feed, streams, changes, starts } = setUp();
    feed.resume();
    await streams.last.answer(position(7));
    streams.last.say([change], position(8));

    await streams.last.end();
    await pass(250);

    expect(changes).toEqual([[change]]);
    expect([streams.opened.length, streams.last.asked]).toEqual([2, position(8)]);
    await streams.last.answer(position(8));
    expect([feed.status, starts]).toEqual(["live", [position(7)]]);
  });

  it("tries again ever more slowly while the facade is away, up to a bound", async () => {
    const { feed, streams, told } = setUp();
    feed.resume();

    const waits = [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000];
    for (const [i, wait] of waits.entries()) {
      await streams.last.refuse(503);
      await pass(wait - 1);
      expect(streams.opened.length).toBe(i + 1);
      await pass(1);
      expect(streams.opened.length).toBe(i + 2);
    }

    expect(told).toEqual(["connecting", "reconnecting"]);
  });

  it("begins anew where its offset is no longer kept", async () => {
    const { feed, streams, starts } = setUp();
    feed.resume();
    await streams.last.answer(position(7));
    await streams.last.fail();
    await pass(250);

    await streams.last.refuse(410);
    await pass(250);

    expect(streams.last.asked).toBe("now");
    await streams.last.answer(position(90));
    expect(starts).toEqual([position(7), position(90)]);
  });

  it("gives up a line on which nothing has been said for long", async () => {
    const { feed, streams } = setUp();
    feed.resume();
    await streams.last.answer(position(7));
    await pass(14_000);
    streams.last.say([], position(7));
    await pass(14_000);
    expect(streams.opened.length).toBe(1);

    await pass(1_000 + 250);

    expect([streams.opened.length, streams.opened[0]?.aborted]).toEqual([2, true]);
  });

  it("lets go of the line while it is paused, and then goes on exactly there", async () => {
    const { feed, streams, changes, starts } = setUp();
    feed.resume();
    await streams.last.answer(position(7));
    streams.last.say([change], position(8));

    feed.pause();
    expect([feed.status, streams.last.aborted]).toEqual(["paused", true]);
    streams.last.say([change], position(9));
    feed.resume();

    expect([streams.opened.length, streams.last.asked]).toEqual([2, position(8)]);
    await streams.last.answer(position(8));
    expect([changes.length, starts.length, feed.status]).toEqual([1, 1, "live"]);
  });

  it("opens one stream at most, however often it is paused and resumed", async () => {
    const { feed, streams } = setUp();
    for (let i = 0; i < 5; i++) {
      feed.resume();
      feed.pause();
    }
    feed.resume();
    await pass(10_000);

    expect(streams.opened.filter(({ aborted }) => !aborted)).toHaveLength(1);
  });
});
