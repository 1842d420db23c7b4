import { isRange, type Range, type Window } from "./window";

/** Which requests all figures are about. */
export interface LogFilter {
  route?: string;
  facade?: string;
  method?: string;
  /** A class, as 4xx. */
  status?: string;
  minLatencyUs?: number;
}

/** A rectangle of time and latency: from ≤ time < to, minUs ≤ latency ≤ maxUs. */
export interface Selection extends Window {
  minUs: number;
  maxUs: number;
}

/** A target: so many percent of the requests within so many milliseconds. */
export interface Target {
  percent: number;
  ms: number;
}

export const GROUPINGS = ["route", "facade", "status"] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** What the latency page shows; it stands in the address, so that a view can be handed on. */
export interface View {
  range: Range;
  /** A fixed window instead of the range that ends now. */
  zoom: Window | null;
  filter: LogFilter;
  selection: Selection | null;
  target: Target | null;
  by: Grouping;
  asTable: boolean;
  /** The log's own reading is listed, too: this page's, above all. */
  own: boolean;
  /** The id of the entry that is open. */
  entry: string | null;
}

export const METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"];
export const STATUSES = ["2xx", "3xx", "4xx", "5xx"];
export const MIN_LATENCIES_US = [1_000, 10_000, 100_000, 1_000_000];

const TIME_MS_MAX = 8.64e15; // the last moment of Date
const LATENCY_US_MAX = 2 ** 40; // what the log tells apart

/** Reads an address; what makes no sense there counts as absent. */
export function parseView(search: string): View {
  const query = new URLSearchParams(search);
  const range = query.get("range");
  const by = query.get("by");
  return {
    range: isRange(range) ? range : "5m",
    zoom: parseWindow(numbers(query.get("zoom"), 2)),
    filter: parseFilter(query),
    selection: parseSelection(numbers(query.get("sel"), 4)),
    target: parseTarget(numbers(query.get("slo"), 2)),
    by: GROUPINGS.find((grouping) => grouping === by) ?? "route",
    asTable: query.get("view") === "table",
    own: query.get("own") === "1",
    entry: query.get("entry"),
  };
}

/** Writes what differs from the plain page. */
export function formatView(view: View): string {
  const { filter, zoom, selection, target } = view;
  const written: Record<string, string | null | undefined> = {
    range: view.range === "5m" ? null : view.range,
    zoom: zoom && [zoom.from, zoom.to].join("_"),
    route: filter.route,
    facade: filter.facade,
    method: filter.method,
    status: filter.status,
    min: filter.minLatencyUs?.toString(),
    sel: selection && [selection.from, selection.to, selection.minUs, selection.maxUs].join("_"),
    slo: target && [target.percent, target.ms].join("_"),
    by: view.by === "route" ? null : view.by,
    view: view.asTable ? "table" : null,
    own: view.own ? "1" : null,
    entry: view.entry,
  };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(written)) if (value) query.set(name, value);
  return query.toString();
}

export function isTarget({ percent, ms }: Target): boolean {
  return percent > 0 && percent <= 100 && ms > 0 && ms * 1_000 <= LATENCY_US_MAX;
}

function parseFilter(query: URLSearchParams): LogFilter {
  const min = Number(query.get("min"));
  const status = query.get("status");
  const method = query.get("method");
  return {
    ...named("route", query.get("route")),
    ...named("facade", query.get("facade")),
    ...(method && METHODS.includes(method) ? { method } : {}),
    ...(status && STATUSES.includes(status) ? { status } : {}),
    ...(Number.isInteger(min) && min > 0 && min <= LATENCY_US_MAX ? { minLatencyUs: min } : {}),
  };
}

function named<N extends string>(name: N, value: string | null) {
  return value ? ({ [name]: value } as Record<N, string>) : {};
}

function numbers(text: string | null, count: number): number[] | null {
  const found = (text ?? "").split("_").map((part) => (part === "" ? Number.NaN : Number(part)));
  return found.length === count && found.every((n) => n >= 0 && n <= TIME_MS_MAX) ? found : null;
}

function parseWindow(found: number[] | null): Window | null {
  const [from = 0, to = 0] = found ?? [];
  return from < to ? { from, to } : null;
}

function parseSelection(found: number[] | null): Selection | null {
  const window = parseWindow(found);
  const [, , minUs = 0, maxUs = 0] = found ?? [];
  const sound = Number.isInteger(minUs) && Number.isInteger(maxUs) && maxUs <= LATENCY_US_MAX;
  return window && sound && minUs <= maxUs ? { ...window, minUs, maxUs } : null;
}

function parseTarget(found: number[] | null): Target | null {
  const [percent = 0, ms = 0] = found ?? [];
  return isTarget({ percent, ms }) ? { percent, ms } : null;
}
