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

const BUCKETS_MAX = 120; // as many as a chart of a few hundred pixels can show apart
const STEPS_S = [1, 2, 5, 10, 30, 60, 300, 900, 1_800, 3_600]; // such as clocks are read in

/** The length of a chart's buckets in seconds, for a range in seconds. */
export function stepOf(rangeS: number): number {
  return STEPS_S.find((step) => rangeS / step <= BUCKETS_MAX) ?? 3_600;
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
  const step = by === "time" ? { step_s: stepOf(filter.rangeS) } : {};
  const query = { ...parameters(filter, now), by, ...step };
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
