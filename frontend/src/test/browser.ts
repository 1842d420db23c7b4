/** What jsdom lacks of a browser: sizes, media queries, observers and event streams. */

const VIEWPORT = { width: 1280, height: 800 };

/** Stands for EventSource; a test speaks through the one that was opened last. */
export class FakeEventSource {
  static last: FakeEventSource | null = null;
  closed = false;
  private readonly listeners = new Map<string, (event: { data?: unknown }) => void>();

  constructor(readonly url: string) {
    FakeEventSource.last = this;
  }

  addEventListener(type: string, listener: (event: { data?: unknown }) => void) {
    this.listeners.set(type, listener);
  }

  say(type: string, data?: unknown) {
    this.listeners.get(type)?.({ data: JSON.stringify(data) });
  }

  close() {
    this.closed = true;
  }
}

class SilentObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
}

function mediaQuery(media: string): MediaQueryList {
  const least = /min-width: (\d+)px/.exec(media)?.[1];
  const matches = least !== undefined && VIEWPORT.width >= Number(least);
  const ignore = () => {};
  return { matches, media, addEventListener: ignore, removeEventListener: ignore } as never;
}

export function installBrowser() {
  Object.assign(globalThis, {
    EventSource: FakeEventSource,
    ResizeObserver: SilentObserver,
    matchMedia: mediaQuery,
  });
  Object.assign(Element.prototype, { scrollTo: () => {}, hasPointerCapture: () => false });
  HTMLCanvasElement.prototype.getContext = () => null;
  for (const [name, value] of Object.entries({
    offsetWidth: VIEWPORT.width,
    offsetHeight: VIEWPORT.height,
    clientWidth: VIEWPORT.width,
    clientHeight: VIEWPORT.height,
  })) {
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, value });
  }
}
