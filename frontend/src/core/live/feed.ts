/**
 * Follows a feed of the facade's (the read side of Durable Streams, by server-sent events).
 *
 * Invariants: one stream is open at most; `offset` is that of the last message that was handed on,
 * so every reconnection goes on exactly there; `now` is asked for only at the start and after 410.
 * EventSource's own reconnection is not used: it would go back to the offset that it began with.
 */

export type FeedStatus = "connecting" | "live" | "reconnecting" | "paused";

/** The part of EventSource that the feed uses. */
export interface EventStream {
  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void;
  close(): void;
}

export interface FeedOptions {
  address: string;
  onMessages: (messages: unknown[]) => void;
  /** The feed begins anew at `offset`: what was read before that must be read again. */
  onStart: (offset: string) => void;
  openStream?: (url: string) => EventStream;
  /** Asked when a stream could not be opened, because EventSource does not tell the status. */
  probe?: (url: string) => Promise<Response>;
  setTimer?: (run: () => void, ms: number) => unknown;
  clearTimer?: (timer: never) => void;
  random?: () => number;
}

const RETRY_MS_MIN = 250;
const RETRY_MS_MAX = 5_000; // a facade that is back is noticed within this
const SILENCE_MS_MAX = 15_000; // the feed says something every 5 s; after this the line is dead

export class Feed {
  status: FeedStatus = "paused";
  private offset = "now";
  private stream: EventStream | null = null;
  private timer: unknown = null;
  private silence: unknown = null;
  private failures = 0;
  private readonly listeners = new Set<() => void>();
  private readonly io: Required<FeedOptions>;

  constructor(options: FeedOptions) {
    this.io = {
      openStream: (url) => new EventSource(url),
      probe: (url) => fetch(url, { headers: { Accept: "application/json" } }),
      setTimer: (run, ms) => setTimeout(run, ms),
      clearTimer: (timer) => clearTimeout(timer),
      random: Math.random,
      ...options,
    };
  }

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly getStatus = () => this.status;

  /** Opens the feed, or goes on where it was paused. */
  resume(): void {
    if (this.status !== "paused") return;
    this.failures = 0;
    this.open("connecting");
  }

  /** Lets go of the connection: browsers allow six per host, for all tabs together. */
  pause(): void {
    this.close();
    this.become("paused");
  }

  private open(status: FeedStatus): void {
    this.close();
    this.become(status);
    const offset = encodeURIComponent(this.offset);
    const stream = this.io.openStream(`${this.io.address}?offset=${offset}&live=sse`);
    let heard = false;
    const hear = (receive: (data: unknown) => void) => (event: { data?: unknown }) => {
      if (this.stream !== stream) return;
      heard = true;
      this.failures = 0;
      this.listen();
      receive(JSON.parse(String(event.data)));
    };
    this.stream = stream;
    stream.addEventListener(
      "data",
      hear((data) => this.io.onMessages(data as unknown[])),
    );
    stream.addEventListener(
      "control",
      hear((data) => this.control(data)),
    );
    stream.addEventListener("error", () => {
      if (this.stream === stream) this.broken(heard);
    });
    this.listen();
  }

  private control(data: unknown): void {
    const { streamNextOffset } = data as { streamNextOffset: string };
    const first = this.offset === "now";
    this.offset = streamNextOffset;
    if (first) this.io.onStart(streamNextOffset);
    this.become("live");
  }

  /** A stream ended. One that had spoken ends in the course of things, and is opened again. */
  private broken(heard: boolean): void {
    this.close();
    if (heard) {
      this.later(RETRY_MS_MIN * this.io.random(), () => this.open("reconnecting"));
      return;
    }
    this.become("reconnecting");
    const delay = Math.min(RETRY_MS_MIN * 2 ** this.failures++, RETRY_MS_MAX);
    this.later(delay * (0.5 + this.io.random() / 2), () => void this.investigate());
  }

  /** Reads on without a stream: catches up, or learns that the offset is no longer kept. */
  private async investigate(): Promise<void> {
    const asked = this.offset;
    try {
      const url = `${this.io.address}?offset=${encodeURIComponent(asked)}`;
      const response = await this.io.probe(url);
      if (this.status !== "reconnecting" || this.offset !== asked) return;
      if (response.status === 410) this.offset = "now";
      else if (response.ok) await this.catchUp(response);
    } catch {
      // Nobody is there: the next attempt tells.
    }
    if (this.status === "reconnecting") this.open("reconnecting");
  }

  private async catchUp(response: Response): Promise<void> {
    const messages = (await response.json()) as unknown[];
    const next = response.headers.get("Stream-Next-Offset");
    if (this.status !== "reconnecting" || this.offset === "now" || !next) return;
    if (messages.length > 0) this.io.onMessages(messages);
    this.offset = next;
  }

  private listen(): void {
    this.io.clearTimer(this.silence as never);
    this.silence = this.io.setTimer(() => this.broken(false), SILENCE_MS_MAX);
  }

  private later(ms: number, run: () => void): void {
    this.timer = this.io.setTimer(run, ms);
  }

  private close(): void {
    this.stream?.close();
    this.stream = null;
    this.io.clearTimer(this.timer as never);
    this.io.clearTimer(this.silence as never);
  }

  private become(status: FeedStatus): void {
    if (this.status === status) return;
    this.status = status;
    for (const listener of this.listeners) listener();
  }
}
