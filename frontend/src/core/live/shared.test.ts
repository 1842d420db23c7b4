import { beforeEach, describe, expect, it } from "vitest";
import type { FeedOptions } from "./feed";
import { SharedFeeds, type Word } from "./shared";

/** A browser with tabs, a lock, and feeds whose facade is the test. */
class Browser {
  readonly lines: { address: string; from: string; open: boolean; options: FeedOptions }[] = [];
  readonly tabs: Tab[] = [];
  now = 0;
  private readonly queue: { lead: () => Promise<void>; signal: AbortSignal }[] = [];
  private held = false;

  open(): Tab {
    const tab = new Tab(this, `tab ${this.tabs.length + 1}`);
    this.tabs.push(tab);
    return tab;
  }

  get openLines() {
    return this.lines.filter(({ open }) => open);
  }

  /** The one open line of a feed. */
  line(address = "/a") {
    const [line, ...others] = this.openLines.filter((open) => open.address === address);
    expect(others).toEqual([]);
    expect(line).toBeDefined();
    return line?.options as FeedOptions;
  }

  claim(lead: () => Promise<void>, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
      this.queue.push({ lead: () => lead().then(resolve), signal });
      this.grant();
    });
  }

  private grant(): void {
    const next = this.held ? undefined : this.queue.shift();
    if (!next) return;
    if (next.signal.aborted) {
      this.grant();
      return;
    }
    this.held = true;
    void next.lead().then(() => {
      this.held = false;
      this.grant();
    });
  }
}

class Tab {
  readonly feeds: SharedFeeds;
  readonly heard: string[] = [];
  deaf = false;

  constructor(browser: Browser, name: string) {
    this.feeds = new SharedFeeds({
      tab: name,
      say: (word: Word) => {
        for (const other of browser.tabs) if (other !== this && !other.deaf) other.feeds.hear(word);
      },
      claim: (lead, signal) => browser.claim(lead, signal),
      newFeed: (options, from) => {
        const line = { address: options.address, from, open: false, options };
        browser.lines.push(line);
        const turn = (open: boolean) => () => {
          line.open = open;
        };
        return { resume: turn(true), pause: turn(false) };
      },
      now: () => browser.now,
    });
  }

  follow(address = "/a"): () => void {
    return this.feeds.follow(address, {
      onStart: (offset) => this.heard.push(`from ${offset}`),
      onMessages: (messages) => this.heard.push(...(messages as string[])),
    });
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

describe("the feeds of one browser", () => {
  let browser: Browser;
  let one: Tab;
  let two: Tab;
  beforeEach(() => {
    browser = new Browser();
    one = browser.open();
    two = browser.open();
  });

  it("have one line however many tabs and parts of a page follow", () => {
    one.follow();
    one.follow();
    two.follow();
    browser.line().onStart("1");
    browser.line().onMessages(["x"], "2");

    expect(one.heard).toEqual(["from 1", "from 1", "x", "x"]);
    expect(two.heard).toEqual(["from 1", "x"]);
  });

  it("tell a tab that comes later where the feed is, and all from there", () => {
    one.follow();
    browser.line().onStart("1");
    browser.line().onMessages(["x"], "2");
    two.follow();
    browser.line().onMessages(["y"], "3");

    expect(two.heard).toEqual(["from 2", "y"]);
  });

  it("go on exactly where they were when another tab takes the lead", async () => {
    one.follow();
    two.follow();
    browser.line().onStart("1");
    browser.line().onMessages(["x"], "2");

    one.feeds.show(false);
    await settled();
    browser.line().onMessages(["y"], "3");

    expect(browser.openLines.map(({ from }) => from)).toEqual(["2"]);
    expect(one.heard).toEqual(["from 1", "x", "y"]);
    expect(two.heard).toEqual(["from 1", "x", "y"]);
  });

  it("have no line while no tab is seen, and go on after that without a loss", async () => {
    one.follow();
    browser.line().onStart("1");
    browser.line().onMessages(["x"], "2");

    one.feeds.show(false);
    await settled();
    expect(browser.openLines).toEqual([]);
    one.feeds.show(true);
    await settled();
    browser.line().onMessages(["y"], "3");

    expect(browser.openLines.map(({ from }) => from)).toEqual(["2"]);
    expect(one.heard).toEqual(["from 1", "x", "y"]);
  });

  it("let a tab begin anew that did not hear something", () => {
    one.follow();
    two.follow();
    browser.line().onStart("1");
    two.deaf = true;
    browser.line().onMessages(["x"], "2");
    two.deaf = false;
    browser.line().onMessages(["y"], "3");
    browser.line().onMessages(["z"], "4");

    expect(two.heard).toEqual(["from 1", "from 3", "z"]);
  });

  it("follow a feed for another tab that the leader does not show", () => {
    one.follow("/a");
    two.follow("/b");
    browser.line("/b").onStart("1");
    browser.line("/b").onMessages(["x"], "2");

    expect(one.heard).toEqual([]);
    expect(two.heard).toEqual(["from 1", "x"]);
  });

  it("close a line that nobody follows any more", () => {
    one.follow("/a");
    const stop = two.follow("/b");
    expect(browser.openLines.map(({ address }) => address)).toEqual(["/a", "/b"]);

    stop();

    expect(browser.openLines.map(({ address }) => address)).toEqual(["/a"]);
  });

  it("close the line of a tab that is gone, at once or after a while of silence", () => {
    one.follow("/a");
    two.follow("/b");
    const three = browser.open();
    three.follow("/c");

    two.feeds.leave();
    expect(browser.openLines.map(({ address }) => address)).toEqual(["/a", "/c"]);

    browser.now = 200_000;
    one.feeds.announce();
    expect(browser.openLines.map(({ address }) => address)).toEqual(["/a"]);
  });

  it("give the lead of a tab that is closed to another", async () => {
    one.follow();
    two.follow();
    browser.line().onStart("1");

    one.feeds.leave();
    await settled();
    browser.line().onMessages(["x"], "2");

    expect(two.heard).toEqual(["from 1", "x"]);
  });
});
