import type { Grouping, LogFilter, Selection } from "../latency/view";
import type { Window } from "../latency/window";
import { answered, logFacade, nextCursor } from "./http";
import type { LogComparison, LogEntry, LogHeatmap, LogSummary } from "./types";

const PAGE_ITEMS = 200;
const TRACE_ITEMS = 50; // what can be told apart as bars; whoever calls may put all under one trace
const ROWS_PER_OCTAVE = 8 as const; // as fine as it is kept: a target is judged by it

export interface LogPage {
  entries: LogEntry[];
  next: string | null;
}

export async function readComparison(
  filter: LogFilter,
  window: Window,
  by: Grouping,
  signal: AbortSignal,
): Promise<LogComparison> {
  const query = { ...conditions(filter), ...span(window), by };
  return (await answered(logFacade.GET("/logs/compare", { params: { query }, signal }))).body;
}

export async function readHeatmap(
  filter: LogFilter,
  window: Window,
  signal: AbortSignal,
): Promise<LogHeatmap> {
  const query = { ...conditions(filter), ...span(window), rows_per_octave: ROWS_PER_OCTAVE };
  return (await answered(logFacade.GET("/logs/heatmap", { params: { query }, signal }))).body;
}

/** Every route of a window, and how many entries were dropped in it. */
export async function readRoutes(window: Window, signal: AbortSignal): Promise<LogSummary> {
  const query = { ...span(window), by: "route" as const };
  return (await answered(logFacade.GET("/logs/summary", { params: { query }, signal }))).body;
}

/** Figures over time, in steps of so many seconds. */
export async function readSeries(
  filter: LogFilter,
  window: Window,
  step_s: number,
  signal: AbortSignal,
): Promise<LogSummary> {
  const query = { ...conditions(filter), ...span(window), by: "time" as const, step_s };
  return (await answered(logFacade.GET("/logs/summary", { params: { query }, signal }))).body;
}

/** A page of entries, newest first; a selection narrows the window and the latencies. */
export async function readLogPage(
  filter: LogFilter,
  window: Window,
  selection: Selection | null,
  cursor: string | null,
  signal: AbortSignal,
): Promise<LogPage> {
  const narrowed = selection && bounds(selection, filter);
  if (narrowed && narrowed.min_latency_us > narrowed.max_latency_us) {
    return { entries: [], next: null };
  }
  const query = {
    ...conditions(filter),
    ...span(selection ?? window),
    ...narrowed,
    limit: PAGE_ITEMS,
    ...(cursor ? { cursor } : {}),
  };
  const { body, response } = await answered(logFacade.GET("/logs", { params: { query }, signal }));
  return { entries: body as LogEntry[], next: nextCursor(response) };
}

/** All entries of a trace, those of the server among them when it can be reached. */
export async function readTrace(trace: string, signal: AbortSignal): Promise<LogEntry[]> {
  const params = { query: { trace, limit: TRACE_ITEMS } };
  const { body } = await answered(logFacade.GET("/logs", { params, signal }));
  return body as LogEntry[];
}

/** The entry with this id, which begins with its time; null when it is no longer kept. */
export async function readEntry(id: string, signal: AbortSignal): Promise<LogEntry | null> {
  const us = Number.parseInt(id.slice(0, 14), 16);
  if (!/^[0-9a-f]{32}$/.test(id)) return null;
  const params = { query: { from: moment(us), to: moment(us + 1) } };
  const { body } = await answered(logFacade.GET("/logs", { params, signal }));
  return (body as LogEntry[]).find((entry) => entry.id === id) ?? null;
}

function conditions({ minLatencyUs, ...rest }: LogFilter) {
  const given = Object.entries(rest).filter(([, value]) => value !== undefined);
  return {
    ...(Object.fromEntries(given) as Omit<LogFilter, "minLatencyUs">),
    ...(minLatencyUs ? { min_latency_us: minLatencyUs } : {}),
  };
}

function bounds({ minUs, maxUs }: Selection, { minLatencyUs = 0 }: LogFilter) {
  return { min_latency_us: Math.max(minUs, minLatencyUs), max_latency_us: maxUs };
}

function span({ from, to }: Window) {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

/** A time in microseconds since 1970 as RFC 3339 writes it. */
function moment(us: number): string {
  const micros = String(us % 1_000_000).padStart(6, "0");
  return new Date(Math.floor(us / 1_000_000) * 1_000).toISOString().replace("000Z", `${micros}Z`);
}
