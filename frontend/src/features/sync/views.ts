import { useEffect } from "react";

/** What is fetched only when it is needed. */
export const loadPanel = () => import("./SyncPanel");
export const loadTasks = () => import("./TaskDialog");
const loadPage = () => import("./OutboxPage");

const QUIET_MS = 2_000; // after the first state: by then the page itself is there

/** Fetches it all in good time: once the facade is gone, it can't be, and then it is needed most. */
export function useWarmUp(begun: boolean): void {
  useEffect(() => {
    if (!begun) return;
    const timer = setTimeout(() => {
      for (const load of [loadPanel, loadTasks, loadPage]) load().catch(() => {});
    }, QUIET_MS);
    return () => clearTimeout(timer);
  }, [begun]);
}
