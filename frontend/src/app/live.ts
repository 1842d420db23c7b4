import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { syncQuery } from "@/core/api/sync";
import type { SyncReport } from "@/core/api/types";
import { connectFeed, refreshOverlay } from "@/core/live/clientCache";

const HIDDEN_MS_MAX = 10_000; // a glance at another tab keeps the line

/** Follows the feed while the page can be seen: a hidden tab gives its connection to the others. */
export function useLiveFeed(): void {
  const cache = useQueryClient();
  useEffect(() => {
    const feed = connectFeed(cache);
    let timer: ReturnType<typeof setTimeout>;
    const look = () => {
      clearTimeout(timer);
      if (document.hidden) timer = setTimeout(() => feed.pause(), HIDDEN_MS_MAX);
      else feed.resume();
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      clearTimeout(timer);
      feed.pause();
    };
  }, [cache]);
}

/** Reads again what pending writes show, when one of them was decided or a new one waits. */
export function useLiveOutbox(): void {
  const cache = useQueryClient();
  const { data: report } = useQuery(syncQuery);
  const state = report && summaryOf(report);
  const before = useRef(state);
  useEffect(() => {
    if (before.current !== undefined && state !== before.current) refreshOverlay(cache);
    before.current = state;
  }, [cache, state]);
}

function summaryOf({ outbox, writes }: SyncReport): string {
  const ids = writes.map(({ write_id, outcome }) => write_id + outcome);
  return JSON.stringify([outbox.pending, outbox.refused, ids]);
}
