import type { LogEntry } from "../api/types";

/** The parts that the facade and the server tell of, in the order of a request's way. */
export const PARTS = ["queue", "db", "index", "upstream", "replica", "outbox", "wait"] as const;
export type PartName = (typeof PARTS)[number] | "other";

export interface Part {
  name: PartName;
  us: number;
}

const AFTER_ANSWER = "live"; // a stream after its first event: no part of the latency

/** A request's time by parts. What overlaps is scaled down, what is unnamed is `other`: the sum is the latency. */
export function partsOf({ parts, latency_us }: Pick<LogEntry, "parts" | "latency_us">): Part[] {
  const known: Part[] = PARTS.map((name) => ({ name, us: parts[name] ?? 0 }));
  const strange = Object.entries(parts)
    .filter(([name]) => name !== AFTER_ANSWER && !PARTS.some((known) => known === name))
    .reduce((total, [, us]) => total + us, 0);
  const named = known.reduce((total, { us }) => total + us, strange);
  const scale = named > latency_us ? latency_us / named : 1;
  const rest = strange * scale + Math.max(0, latency_us - named);
  const scaled = known.map(({ name, us }) => ({ name, us: us * scale }));
  return [...scaled, { name: "other" as const, us: rest }].filter(({ us }) => us > 0);
}

export interface RouteParts {
  route: string;
  count: number;
  /** The mean latency, and what of it where. */
  meanUs: number;
  parts: Part[];
}

/** Where the mean request of each route spends its time; the routes that took most in sum first. */
export function partsByRoute(entries: LogEntry[]): RouteParts[] {
  const routes = new Map<string, LogEntry[]>();
  for (const entry of entries) {
    const found = routes.get(entry.route);
    if (found) found.push(entry);
    else routes.set(entry.route, [entry]);
  }
  return [...routes]
    .map(([route, of]) => meanOf(route, of))
    .sort((a, b) => b.meanUs * b.count - a.meanUs * a.count);
}

function meanOf(route: string, entries: LogEntry[]): RouteParts {
  const sums = new Map<PartName, number>();
  let total = 0;
  for (const entry of entries) {
    total += entry.latency_us;
    for (const { name, us } of partsOf(entry)) sums.set(name, (sums.get(name) ?? 0) + us);
  }
  const count = entries.length;
  const parts = ([...PARTS, "other"] as const)
    .map((name) => ({ name, us: (sums.get(name) ?? 0) / count }))
    .filter(({ us }) => us > 0);
  return { route, count, meanUs: total / count, parts };
}
