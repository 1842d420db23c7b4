import { beforeEach, describe, expect, it, vi } from "vitest";
import { FakeEventSource } from "@/test/browser";
import { makeChange, makeClient, position } from "@/test/samples";
import { Feed } from "./feed";

/** A feed whose time, luck and network are the test's. */
function setUp(probe: () => Promise<Response> = () => Promise.reject(new Error("nobody"))) {
  const opened: FakeEventSource[] = [];
  const changes: unknown[][] = [];
  const starts: string[] = [];
  const feed = new Feed({
    address: "/client/changes",
    onMessages: (batch) => changes.push(batch),
    onStart: (offset) => starts.push(offset),
    openStream: (url) => {
      opened.push(new FakeEventSource(url));
      return opened.at(-1) as FakeEventSource;
    },
    probe: vi.fn(probe),
    random: () => 1,
  });
  const last = () => opened.at(-1) as FakeEventSource;
  const control = (version: number) =>
    last().say("control", { streamNextOffset: position(version) });
  return { feed, opened, changes, starts, last, control };
}

const change = makeChange("insert", 8, makeClient(8));
const sse = (offset: string) => `/client/changes?offset=${offset}&live=sse`;

describe("the feed", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    return () => vi.useRealTimers();
  });

  it("begins now, and is live when the facade speaks", () => {
    const { feed, last, control, starts } = setUp();

    feed.resume();
    expect([last().url, feed.status]).toEqual([sse("now"), "connecting"]);

    control(7);
    expect([feed.status, starts]).toEqual(["live", [position(7)]]);
  });

  it("hands changes on, and goes on after them when the connection ends in the course of things", () => {
    const { feed, last, control, changes, starts, opened } = setUp();
    feed.resume();
    control(7);
    last().say("data", [change]);
    control(8);

    last().say("error");
    vi.advanceTimersByTime(250);

    expect(changes).toEqual([[change]]);
    expect([opened.length, opened[0]?.closed, last().url]).toEqual([2, true, sse(position(8))]);
    control(8);
    expect([feed.status, starts]).toEqual(["live", [position(7)]]);
  });

  it("tries again more and more slowly while nobody answers, at most every 5 s", async () => {
    const { feed, opened, last, control } = setUp();
    feed.resume();
    control(7);
    last().say("error");
    const delays = [250, 250, 500, 1_000, 2_000, 4_000, 5_000, 5_000];

    for (const [tries, delay] of delays.entries()) {
      await vi.advanceTimersByTimeAsync(delay - 1);
      expect(opened.length).toBe(tries + 1);
      await vi.advanceTimersByTimeAsync(1);
      expect(opened.length).toBe(tries + 2);
      last().say("error");
    }

    expect(feed.status).toBe("reconnecting");
  });

  it("catches up by a plain read when no stream could be opened", async () => {
    const { feed, last, changes, control } = setUp(() =>
      Promise.resolve(
        new Response(JSON.stringify([change]), { headers: { "Stream-Next-Offset": position(8) } }),
      ),
    );
    feed.resume();
    control(7);
    last().say("error");
    await vi.advanceTimersByTimeAsync(250);

    last().say("error");
    await vi.advanceTimersByTimeAsync(250);

    expect(changes).toEqual([[change]]);
    expect(last().url).toBe(sse(position(8)));
  });

  it("starts anew when its place is no longer kept (410)", async () => {
    const { feed, last, control, starts } = setUp(() =>
      Promise.resolve(new Response("{}", { status: 410 })),
    );
    feed.resume();
    control(7);
    last().say("error");
    await vi.advanceTimersByTimeAsync(250);
    last().say("error");
    await vi.advanceTimersByTimeAsync(250);

    expect(last().url).toBe(sse("now"));
    control(50);
    expect(starts).toEqual([position(7), position(50)]);
  });

  it("takes a silent line for dead", async () => {
    const { feed, opened, control } = setUp();
    feed.resume();
    control(7);

    await vi.advanceTimersByTimeAsync(15_000);

    expect([feed.status, opened[0]?.closed]).toEqual(["reconnecting", true]);
  });

  it("lets go of its connection while paused, and resumes where it was", async () => {
    const { feed, opened, last, control, changes } = setUp();
    feed.resume();
    control(7);

    feed.pause();
    opened[0]?.say("data", [change]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([feed.status, opened.length, opened[0]?.closed, changes]).toEqual([
      "paused",
      1,
      true,
      [],
    ]);

    feed.resume();
    expect(last().url).toBe(sse(position(7)));
  });
});
