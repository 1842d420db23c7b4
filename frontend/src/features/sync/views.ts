import { lazily, usePrefetch } from "@/components/lazily";

/** What is fetched only when it is needed. */
export const SyncPanel = lazily(async () => (await import("./SyncPanel")).default);
export const TaskDialog = lazily(async () => (await import("./TaskDialog")).default);
const page = { prefetch: () => void import("./OutboxPage").catch(() => {}) };

/** Fetches it all in good time: once the facade is gone, it can't be, and then it is needed most. */
export function useWarmUp(begun: boolean): void {
  usePrefetch([SyncPanel, TaskDialog, page], begun);
}
