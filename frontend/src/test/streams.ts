import type { OpenStream, Stream } from "@/core/live/feed";

type Batch = { items: unknown[]; offset: string };

/** A stream whose facade is the test. */
class FakeStream {
  aborted = false;
  private heard: (batch: Batch) => void = () => {};
  private resolve: (stream: Stream) => void = () => {};
  private reject: (error: unknown) => void = () => {};
  private end_: () => void = () => {};
  private fail_: (error: unknown) => void = () => {};
  readonly promised = new Promise<Stream>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
  private readonly closed = new Promise<void>((resolve, reject) => {
    this.end_ = resolve;
    this.fail_ = reject;
  });

  constructor(
    readonly address: string,
    readonly asked: string,
    signal: AbortSignal,
  ) {
    signal.addEventListener("abort", () => {
      this.aborted = true;
      this.reject(signal.reason);
      this.fail_(signal.reason);
    });
    this.promised.catch(() => {});
    this.closed.catch(() => {});
  }

  answer(offset: string): Promise<void> {
    this.resolve({
      offset,
      closed: this.closed,
      subscribeJson: (subscriber) => {
        this.heard = subscriber as unknown as (batch: Batch) => void;
        return () => {};
      },
    });
    return settled();
  }

  refuse(status: number): Promise<void> {
    this.reject(Object.assign(new Error(`HTTP ${status}`), { status }));
    return settled();
  }

  say(items: unknown[], offset: string): void {
    this.heard({ items, offset });
  }

  end(): Promise<void> {
    this.end_();
    return settled();
  }

  fail(): Promise<void> {
    this.fail_(new TypeError("The line was cut."));
    return settled();
  }
}

/** What was promised has been told to those who wait for it. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

/** Opens streams for a feed, and keeps them for the test. */
export class FakeStreams {
  readonly opened: FakeStream[] = [];

  get last(): FakeStream {
    return this.opened.at(-1) as FakeStream;
  }

  readonly open: OpenStream = (address, offset, signal) => {
    const stream = new FakeStream(address, offset, signal);
    this.opened.push(stream);
    return stream.promised;
  };
}
