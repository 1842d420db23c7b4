import { nextPage, query, send, sendForJson } from "./http";
import type { LogEntry, LogSummary } from "./types";

const PAGE_ITEMS = 100;

export interface LogFilter {
  rangeS: number;
  route?: string;
  method?: string;
  /** A class, as 4xx. */
  status?: string;
  minLatencyUs?: number;
}

export interface LogPage {
  entries: LogEntry[];
  next: string | null;
}

function parameters(filter: LogFilter, now: number) {
  return {
    from: new Date(now - filter.rangeS * 1_000).toISOString(),
    route: filter.route,
    method: filter.method,
    status: filter.status,
    min_latency_us: filter.minLatencyUs,
  };
}

export function readSummary(
  filter: LogFilter,
  by: "route" | "time",
  now: number,
  signal?: AbortSignal,
): Promise<LogSummary> {
  return sendForJson(`/logs/summary${query({ ...parameters(filter, now), by })}`, { signal });
}

export function firstLogPage(filter: LogFilter, now: number): string {
  return `/logs${query({ ...parameters(filter, now), limit: PAGE_ITEMS })}`;
}

export async function readLogPage(address: string, signal?: AbortSignal): Promise<LogPage> {
  const response = await send(address, { signal });
  return { entries: (await response.json()) as LogEntry[], next: nextPage(response) };
}
