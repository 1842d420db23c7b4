import { answered, logFacade, nextCursor } from "./http";
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

/** The range ends now, whenever that is: each reading moves it on. */
function parameters({ rangeS, minLatencyUs, ...rest }: LogFilter, now: number) {
  const given = Object.entries(rest).filter(([, value]) => value !== undefined);
  return {
    from: new Date(now - rangeS * 1_000).toISOString(),
    ...Object.fromEntries(given),
    ...(minLatencyUs ? { min_latency_us: minLatencyUs } : {}),
  };
}

export async function readSummary(
  filter: LogFilter,
  by: "route" | "time",
  now: number,
  signal: AbortSignal,
): Promise<LogSummary> {
  const query = { ...parameters(filter, now), by };
  const { body } = await answered(logFacade.GET("/logs/summary", { params: { query }, signal }));
  return body;
}

export async function readLogPage(
  filter: LogFilter,
  cursor: string | null,
  now: number,
  signal: AbortSignal,
): Promise<LogPage> {
  const query = {
    ...parameters(filter, now),
    limit: PAGE_ITEMS,
    ...(cursor ? { cursor } : {}),
  };
  const { body, response } = await answered(logFacade.GET("/logs", { params: { query }, signal }));
  return { entries: body as LogEntry[], next: nextCursor(response) };
}
