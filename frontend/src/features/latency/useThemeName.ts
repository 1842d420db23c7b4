import { useSyncExternalStore } from "react";

/** The theme that is painted now: a canvas has to be drawn again when it changes. */
export function useThemeName(): string {
  return useSyncExternalStore(
    (listener) => {
      const observer = new MutationObserver(listener);
      observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
      return () => observer.disconnect();
    },
    () => document.documentElement.dataset.theme ?? "light",
  );
}
