import type { KnownFacade } from "./api/types";

/** How a facade stands, by what matters most; the worst first. */
export const STANDINGS = ["gone", "offline", "trouble", "syncing", "waiting", "live"] as const;
export type Standing = (typeof STANDINGS)[number];

const REPORTS_MISSED_MS = 15_000; // three reports in a row

export function standingOf(facade: KnownFacade): Standing {
  if (facade.seen_age_ms > REPORTS_MISSED_MS) return "gone";
  if (facade.state === "offline") return "offline";
  const { outbox, digest, lost } = facade;
  if (outbox.refused > 0 || lost > 0 || digest.state === "differs") return "trouble";
  if (facade.state === "syncing") return "syncing";
  return outbox.pending > 0 ? "waiting" : "live";
}

/** Those that need a look first, then by name. */
export function byUrgency(facades: KnownFacade[]): KnownFacade[] {
  const rank = (facade: KnownFacade) => STANDINGS.indexOf(standingOf(facade));
  return [...facades].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

/** How many of the facades are in step, a few writes on their way included. */
export function countInStep(facades: KnownFacade[]): number {
  return facades.filter((facade) => ["live", "waiting", "syncing"].includes(standingOf(facade)))
    .length;
}
