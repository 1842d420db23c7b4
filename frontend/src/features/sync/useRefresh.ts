import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { syncQuery } from "@/core/api/sync";
import { refreshOverlay } from "@/core/live/clientCache";

/** Reads again what changes when a write was dealt with here; the feed may be down. */
export function useRefresh(): () => Promise<unknown> {
  const cache = useQueryClient();
  return useCallback(() => {
    refreshOverlay(cache);
    return cache.invalidateQueries({ queryKey: syncQuery.queryKey });
  }, [cache]);
}
