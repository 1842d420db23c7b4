import type { SyncReport } from "../api/types";

/** How the branch stands, in one word: of all that is true, what matters most to the person. */
export type SyncState =
  /** Nothing has been heard yet. */
  | "checking"
  /** The facade itself does not answer. */
  | "unreachable"
  /** The server is away: this branch goes on alone. */
  | "offline"
  /** Somebody has to look: refused writes, lost changes, or a copy that differs. */
  | "error"
  | "syncing"
  /** Writes made here are on their way. */
  | "waiting"
  | "live";

export interface Standing {
  state: SyncState;
  /** Writes kept here that the server has not decided. */
  pending: number;
  /** What a person has to decide about: refused writes and lost changes. */
  open: number;
}

export function standingOf(report: SyncReport | undefined, reachable: boolean): Standing {
  const pending = report?.outbox.pending ?? 0;
  const open = report ? report.outbox.refused + report.lost : 0;
  return { state: stateOf(report, reachable), pending, open };
}

function stateOf(report: SyncReport | undefined, reachable: boolean): SyncState {
  if (!reachable) return "unreachable";
  if (!report) return "checking";
  if (report.state === "offline") return "offline";
  const { refused, pending } = report.outbox;
  if (refused > 0 || report.lost > 0 || report.digest.state === "differs") return "error";
  if (report.state === "syncing") return "syncing";
  return pending > 0 ? "waiting" : "live";
}
