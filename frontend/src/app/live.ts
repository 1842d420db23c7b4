import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { syncQuery } from "@/core/api/sync";
import type { SyncReport } from "@/core/api/types";
import { followChanges, refreshOverlay } from "@/core/live/clientCache";

export function useLiveFeed(): void {
  const cache = useQueryClient();
  useEffect(() => followChanges(cache), [cache]);
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
