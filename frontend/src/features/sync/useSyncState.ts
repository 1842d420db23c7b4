import { useQuery } from "@tanstack/react-query";
import { syncQuery } from "@/core/api/sync";
import type { SyncReport } from "@/core/api/types";

export type SyncState = SyncReport["state"] | "unreachable" | "waiting";

/** How this branch stands, in one word; `report` is the last that it gave. */
export function useSyncState(): { state: SyncState; report: SyncReport | undefined } {
  const { data: report, isError, failureCount } = useQuery(syncQuery);
  if (isError || failureCount > 0) return { state: "unreachable", report };
  return { state: report?.state ?? "waiting", report };
}
