import { useQuery } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";
import { syncQuery } from "@/core/api/sync";
import type { SyncReport } from "@/core/api/types";
import { isPushed, syncFeed } from "@/core/sync/pushed";
import { type Standing, type SyncState, standingOf } from "@/core/sync/standing";

export interface SyncView extends Standing {
  /** The last that the branch told of itself. */
  report: SyncReport | undefined;
  /** When it told that: its ages are as of then. */
  toldAt: number;
}

/** How this branch stands. */
export function useSyncState(): SyncView {
  const { data: report, dataUpdatedAt: toldAt, isError, errorUpdateCount } = useQuery(syncQuery);
  const pushed = useSyncExternalStore(syncFeed.subscribe, isPushed);
  const neverHeard = report === undefined && errorUpdateCount > 0;
  const reachable = pushed || !(isError || neverHeard);
  return { ...standingOf(report, reachable), report, toldAt };
}

const PASSING_MS = 700; // a write or a change takes a few milliseconds: that is still "live"

/** The state without what comes and goes with every write: a chip that flickers is not read. */
export function useLastingState(state: SyncState): SyncState {
  const [shown, setShown] = useState(state);
  const mayPass = shown === "live" && (state === "syncing" || state === "waiting");
  useEffect(() => {
    const timer = setTimeout(() => setShown(state), mayPass ? PASSING_MS : 0);
    return () => clearTimeout(timer);
  }, [state, mayPass]);
  return mayPass ? shown : state;
}
