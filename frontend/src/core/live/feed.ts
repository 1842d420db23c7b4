import type { StreamResponse } from "@durable-streams/client";
import { tellUnauthenticated } from "../api/http";

/**
 * Follows a feed of the facade's by the Durable Streams protocol, for as long as it is wanted.
 *
 * Invariants: one stream is open at most; `offset` is that of the last message that was handed on,
 * so every reconnection goes on exactly there; `now` is asked for only at the start and after 410.
 */

export type FeedStatus = "connecting" | "live" | "reconnecting" | "paused";

/** What the feed uses of a stream. */
export type Stream = Pick<StreamResponse<unknown>, "offset" | "closed" | "subscribeJson">;
export type OpenStream = (address: string, offset: string, signal: AbortSignal) => Promise<Stream>;

export interface FeedOptions {
  address: string;
  /** `offset` is that of the last of the messages. */
  onMessages: (messages: unknown[], offset: string) => void;
  /** The feed begins anew at `offset`: what was read before that must be read again. */
  onStart: (offset: string) => void;
  onStatus?: (status: FeedStatus) => void;
  open?: OpenStream;
  random?: () => number;
}

const RETRY_MS_MIN = 250;
const RETRY_MS_MAX = 5_000; // a facade that is back is noticed within this
const SILENCE_MS_MAX = 15_000; // the feed says something every 5 s; after this the line is dead

export class Feed {
  status: FeedStatus = "paused";
  private offset: string;
  private failures = 0;
  private line = new AbortController();
  private silence: ReturnType<typeof setTimeout> | undefined;
  private readonly io: Required<FeedOptions>;

  constructor(options: FeedOptions, offset = "now") {
    this.offset = offset;
    this.io = { open: openStream, random: Math.random, onStatus: () => {}, ...options };
  }

  /** Opens the feed, or goes on where it was paused. */
  resume(): void {
    if (this.status !== "paused") return;
    this.failures = 0;
    this.become("connecting");
    void this.run();
  }

  pause(): void {
    this.become("paused");
    clearTimeout(this.silence);
    this.line.abort();
  }

  private async run(): Promise<void> {
    for (;;) {
      const line = new AbortController();
      this.line = line;
      try {
        await this.followOne(line.signal);
      } catch (error) {
        const { status } = error as { status?: number };
        if (status === 401) tellUnauthenticated();
        if (status === 410) this.offset = "now";
        else this.failures += 1;
      }
      line.abort();
      if (this.line !== line || this.isPaused()) return;
      this.become("reconnecting");
      await new Promise((resolve) => setTimeout(resolve, this.retryMs()));
      if (this.line !== line || this.isPaused()) return; // or paused and resumed meanwhile: another run goes on
    }
  }

  /** Follows one stream until it ends; throws when it could not be opened, or was cut off. */
  private async followOne(signal: AbortSignal): Promise<void> {
    this.listen();
    const stream = await this.io.open(this.io.address, this.offset, signal);
    stream.closed.catch(() => {}); // told below, unless nobody listens any more
    if (signal.aborted) return;
    if (this.offset === "now") {
      this.offset = stream.offset;
      this.io.onStart(this.offset);
    }
    this.become("live");
    stream.subscribeJson(({ items, offset }) => {
      if (signal.aborted) return;
      this.failures = 0;
      this.listen();
      this.offset = offset;
      if (items.length > 0) this.io.onMessages([...items], offset);
    });
    await stream.closed;
  }

  /** A function, for its answer changes while others run. */
  private isPaused(): boolean {
    return this.status === "paused";
  }

  private listen(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.line.abort(), SILENCE_MS_MAX);
  }

  private retryMs(): number {
    const most = Math.min(RETRY_MS_MIN * 2 ** Math.max(0, this.failures - 1), RETRY_MS_MAX);
    return most * (0.5 + this.io.random() / 2);
  }

  private become(status: FeedStatus): void {
    if (this.status === status) return;
    this.status = status;
    this.io.onStatus(status);
  }
}

/** Opens a stream, its reader fetched when it is first needed: nothing waits for it to be painted. */
async function openStream(address: string, offset: string, signal: AbortSignal): Promise<Stream> {
  const { stream } = await import("@durable-streams/client");
  return stream<unknown>({
    url: new URL(address, location.origin),
    offset,
    live: "sse",
    json: true, // the stream of events does not say what is in them
    signal,
    backoffOptions: { initialDelay: 0, maxDelay: 0, multiplier: 1, maxRetries: 0 }, // ours
    sseResilience: { logWarnings: false },
    warnOnHttp: false,
  });
}
