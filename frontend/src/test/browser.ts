/** What jsdom lacks of a browser: sizes, media queries and observers. */

const VIEWPORT = { width: 1280, height: 800 };

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
