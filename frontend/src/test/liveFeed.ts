import { HttpResponse, http } from "msw";

/** A feed of the facade's, on which a test speaks: `use(feed.handler)` it. */
export class LiveFeed {
  private line: ReadableStreamDefaultController<Uint8Array> | null = null;
  private readonly coded = new TextEncoder();

  constructor(
    private readonly address: string,
    private readonly start: string,
  ) {}

  get handler() {
    return http.get(`*${this.address}`, ({ request }) => {
      request.signal.addEventListener("abort", () => {
        this.line = null;
      });
      const body = new ReadableStream<Uint8Array>({
        start: (line) => {
          this.line = line;
          this.event("control", this.control(this.start));
        },
      });
      const headers = {
        "Content-Type": "text/event-stream",
        "Stream-Next-Offset": this.start,
        "Stream-Up-To-Date": "true",
      };
      return new HttpResponse(body, { headers });
    });
  }

  get isFollowed(): boolean {
    return this.line !== null;
  }

  say(messages: unknown[], offset: string): void {
    this.event("data", messages);
    this.event("control", this.control(offset));
  }

  private control(offset: string) {
    return { streamNextOffset: offset, streamCursor: "1", upToDate: true };
  }

  private event(name: string, data: unknown): void {
    this.line?.enqueue(this.coded.encode(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`));
  }
}
