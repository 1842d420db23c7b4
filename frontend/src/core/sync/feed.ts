import type { QueryClient } from "@tanstack/react-query";
import { syncQuery } from "../api/sync";
import type { SyncReport } from "../api/types";
import { follow } from "../live/follow";
import { isPushed, syncFeed } from "./pushed";

interface SyncMessage {
  value: SyncReport;
}

const REOPENING_MS_MAX = 1_000; // streams end in the course of things, and are open again by then

/** Keeps the state in `cache` as the facade tells it, until the function that it gives is called. */
export function followSync(cache: QueryClient): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const ask = () => void cache.invalidateQueries({ queryKey: syncQuery.queryKey });
  const stop = follow<SyncMessage>("/sync/changes", {
    onStart: ask,
    onMessages: (messages) => {
      const last = messages.at(-1); // each stands for itself
      if (!last) return;
      // An answer that is under way is older, and nothing would put it right again.
      void cache.cancelQueries({ queryKey: syncQuery.queryKey });
      cache.setQueryData<SyncReport>(syncQuery.queryKey, last.value);
    },
    onStatus: (status) => {
      syncFeed.set(status);
      clearTimeout(timer);
      // Is the facade gone, or only this line? The answer, or none, also begins the asking in turns.
      if (!isPushed()) timer = setTimeout(ask, REOPENING_MS_MAX);
    },
  });
  return () => {
    stop();
    clearTimeout(timer);
    syncFeed.set("paused");
  };
}
