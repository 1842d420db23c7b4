import type { LogEntry } from "../api/types";
import type { LogFilter, Selection } from "./view";

/** When a request came, and when its last byte was sent, in microseconds since 1970. */
export function spanOf({ id, latency_us }: Pick<LogEntry, "id" | "latency_us">) {
  const end = Number.parseInt(id.slice(0, 14), 16);
  return { start: end - latency_us, end };
}

/** Whether the log itself would give this entry for these filters. */
export function matches(entry: LogEntry, filter: LogFilter, selection: Selection | null): boolean {
  const { route, facade, method, status, minLatencyUs = 0 } = filter;
  if (route !== undefined && entry.route !== route) return false;
  if (facade !== undefined && entry.facade !== facade) return false;
  if (method !== undefined && entry.method !== method) return false;
  if (status !== undefined && String(entry.status)[0] !== status[0]) return false;
  if (entry.latency_us < minLatencyUs) return false;
  if (!selection) return true;
  const ms = spanOf(entry).end / 1_000;
  const { from, to, minUs, maxUs } = selection;
  return ms >= from && ms < to && entry.latency_us >= minUs && entry.latency_us <= maxUs;
}

/** Joins two lists, newest first, without doubles. */
export function merged(newer: LogEntry[], older: LogEntry[]): LogEntry[] {
  const known = new Set(older.map(({ id }) => id));
  const all = [...newer.filter(({ id }) => !known.has(id)), ...older];
  return all.sort((a, b) => (a.id < b.id ? 1 : -1));
}

/** Whether somebody else than this page caused the request: reading the log must not move the log. */
export function isTraffic({ route }: LogEntry): boolean {
  return !/^\/logs(\/|$)/.test(route);
}

export interface Span {
  entry: LogEntry;
  /** From the trace's first moment, in microseconds. */
  offsetUs: number;
}

/** The entries of one trace in the order of their beginning, and how long all of them took. */
export function waterfallOf(entries: LogEntry[]): { spans: Span[]; totalUs: number } {
  const spans = entries.map((entry) => ({ entry, ...spanOf(entry) }));
  const first = Math.min(...spans.map(({ start }) => start));
  const last = Math.max(...spans.map(({ end }) => end));
  spans.sort((a, b) => a.start - b.start || b.end - a.end);
  return {
    spans: spans.map(({ entry, start }) => ({ entry, offsetUs: start - first })),
    totalUs: last - first,
  };
}
