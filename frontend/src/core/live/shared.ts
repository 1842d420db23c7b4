import type { Feed, FeedOptions, FeedStatus } from "./feed";

/**
 * The feeds of one browser. Browsers allow six connections per host for all tabs together, so one
 * tab, the leader, keeps a line for each feed that any tab follows, and tells the others what it
 * says. The leader is who holds a lock; a tab out of sight lets it go to one that is seen.
 *
 * Invariant: what a follower has been given is everything up to its tab's offset. A word that does
 * not go on there is a gap, and the follower is told to begin anew.
 */

export interface Follower<M> {
  /** The feed begins (again) at `offset`: what was read before that must be read again. */
  onStart?: (offset: string) => void;
  onMessages: (messages: M[]) => void;
  onStatus?: (status: FeedStatus) => void;
}

/** What one tab says to the others. */
export type Word =
  | { kind: "who" }
  | { kind: "wants"; tab: string; addresses: string[] }
  | { kind: "at"; tab: string; address: string; offset: string; status: FeedStatus }
  | { kind: "began"; address: string; offset: string }
  | { kind: "messages"; address: string; after: string; offset: string; messages: unknown[] }
  | { kind: "status"; address: string; status: FeedStatus };

/** What tabs share, and how this one is seen. */
export interface Surroundings {
  tab: string;
  say: (word: Word) => void;
  /** Runs `lead` once this tab alone holds the lock, until the promise that it gives is kept. */
  claim: (lead: () => Promise<void>, signal: AbortSignal) => Promise<void>;
  newFeed: (options: FeedOptions, offset: string) => Pick<Feed, "resume" | "pause">;
  now: () => number;
}

/** A tab in the background may speak only once a minute; one that crashed says nothing. */
const WANTS_FORGOTTEN_MS = 180_000;

interface Known {
  followers: Set<Follower<unknown>>;
  offset: string | null;
  status: FeedStatus;
}

interface Line {
  feed: Pick<Feed, "resume" | "pause">;
  offset: string | null;
  status: FeedStatus;
}

export class SharedFeeds {
  private readonly known = new Map<string, Known>();
  private readonly others = new Map<string, { addresses: string[]; at: number }>();
  private lines: Map<string, Line> | null = null;
  private claim: AbortController | null = null;
  private seen = true;

  constructor(private readonly io: Surroundings) {}

  follow(address: string, follower: Follower<unknown>): () => void {
    const known = this.known.get(address) ?? this.begin(address);
    known.followers.add(follower);
    if (known.offset !== null) follower.onStart?.(known.offset);
    follower.onStatus?.(known.status);
    return () => {
      known.followers.delete(follower);
      if (known.followers.size > 0) return;
      this.known.delete(address);
      this.announce();
    };
  }

  private begin(address: string): Known {
    const known: Known = { followers: new Set(), offset: null, status: "connecting" };
    this.known.set(address, known);
    this.announce();
    this.stand();
    return known;
  }

  /** The tab came into sight, or went out of it. */
  show(seen: boolean): void {
    this.seen = seen;
    if (seen) {
      this.announce();
      this.stand();
    } else {
      this.claim?.abort();
      this.claim = null;
    }
  }

  /** Says what this tab wants; also from time to time, so that a leader knows that it lives. */
  announce(): void {
    this.io.say({ kind: "wants", tab: this.io.tab, addresses: [...this.known.keys()] });
    this.serve();
  }

  /** The tab is about to be gone. */
  leave(): void {
    this.io.say({ kind: "wants", tab: this.io.tab, addresses: [] });
    this.claim?.abort();
    this.claim = null;
  }

  /** Stands for the lead, if there is anything to follow and this tab can be seen. */
  private stand(): void {
    if (this.claim || !this.seen || this.known.size === 0) return;
    const claim = new AbortController();
    this.claim = claim;
    const released = new Promise<void>((resolve) => {
      claim.signal.addEventListener("abort", () => resolve());
    });
    const lead = () => {
      if (claim.signal.aborted) return Promise.resolve();
      this.lines = new Map();
      this.io.say({ kind: "who" });
      this.serve();
      return released.then(() => this.resign());
    };
    this.io.claim(lead, claim.signal).catch(() => {}); // given up before it was granted
  }

  private resign(): void {
    for (const [address, { feed }] of this.lines ?? []) {
      feed.pause();
      this.tell({ kind: "status", address, status: "paused" });
    }
    this.lines = null;
  }

  /** Opens a line for each feed that any tab wants, and closes the others. */
  private serve(): void {
    if (!this.lines) return;
    const wanted = new Set(this.known.keys());
    for (const [tab, { addresses, at }] of this.others) {
      if (this.io.now() - at > WANTS_FORGOTTEN_MS) this.others.delete(tab);
      else for (const address of addresses) wanted.add(address);
    }
    for (const [address, { feed }] of this.lines) {
      if (wanted.has(address)) continue;
      feed.pause();
      this.lines.delete(address);
    }
    for (const address of wanted) {
      if (!this.lines.has(address)) this.open(address, this.lines);
    }
  }

  private open(address: string, lines: Map<string, Line>): void {
    const from = this.known.get(address)?.offset ?? null;
    const options: FeedOptions = {
      address,
      onStart: (offset) => {
        line.offset = offset;
        this.tell({ kind: "began", address, offset });
      },
      onMessages: (messages, offset) => {
        const after = line.offset ?? "";
        line.offset = offset;
        this.tell({ kind: "messages", address, after, offset, messages });
      },
      onStatus: (status) => {
        line.status = status;
        if (lines === this.lines) this.tell({ kind: "status", address, status });
      },
    };
    const feed = this.io.newFeed(options, from ?? "now");
    const line: Line = { feed, offset: from, status: "connecting" };
    lines.set(address, line);
    feed.resume();
  }

  private tell(word: Word): void {
    this.io.say(word);
    this.hear(word);
  }

  /** Takes a word of another tab, or of this one's own lines. */
  hear(word: Word): void {
    switch (word.kind) {
      case "who":
        this.announce();
        break;
      case "wants":
        this.serveOther(word.tab, word.addresses);
        break;
      case "at":
        if (word.tab === this.io.tab) this.learn(word.address, word.offset, word.status);
        break;
      case "began":
        this.restart(word.address, word.offset);
        break;
      case "messages":
        this.take(word.address, word.after, word.offset, word.messages);
        break;
      case "status":
        this.become(word.address, word.status);
    }
  }

  private learn(address: string, offset: string, status: FeedStatus): void {
    if (this.known.get(address)?.offset !== offset) this.restart(address, offset);
    this.become(address, status);
  }

  private serveOther(tab: string, addresses: string[]): void {
    if (addresses.length > 0) this.others.set(tab, { addresses, at: this.io.now() });
    else this.others.delete(tab);
    this.serve();
    for (const address of addresses) {
      const line = this.lines?.get(address);
      if (!line?.offset) continue;
      const { offset, status } = line;
      this.io.say({ kind: "at", tab, address, offset, status });
    }
  }

  private restart(address: string, offset: string): void {
    const known = this.known.get(address);
    if (!known) return;
    known.offset = offset;
    for (const follower of known.followers) follower.onStart?.(offset);
  }

  private take(address: string, after: string, offset: string, messages: unknown[]): void {
    const known = this.known.get(address);
    if (!known || known.offset === null) return; // what it missed, "at" will tell
    if (known.offset !== after) {
      this.restart(address, offset);
      return;
    }
    known.offset = offset;
    for (const follower of known.followers) follower.onMessages(messages);
  }

  private become(address: string, status: FeedStatus): void {
    const known = this.known.get(address);
    if (!known || known.status === status) return;
    known.status = status;
    for (const follower of known.followers) follower.onStatus?.(status);
  }
}
