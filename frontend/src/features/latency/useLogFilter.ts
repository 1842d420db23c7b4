import { useLocation, useSearch } from "wouter";
import type { LogFilter } from "@/core/api/logs";

export const RANGES = { "5m": 300, "1h": 3_600, "24h": 86_400 } as const;
export type Range = keyof typeof RANGES;

export const METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"];
export const STATUSES = ["2xx", "3xx", "4xx", "5xx"];
export const MIN_LATENCIES_US = [1_000, 10_000, 100_000, 1_000_000];

const NAMES = ["range", "route", "method", "status", "min"] as const;
type Name = (typeof NAMES)[number];

/** The filters stand in the address, so that a view can be handed on. */
export function useLogFilter() {
  const search = new URLSearchParams(useSearch());
  const [, navigate] = useLocation();
  const range: Range =
    search.get("range") === "1h" ? "1h" : search.get("range") === "24h" ? "24h" : "5m";
  const min = Number(search.get("min")) || undefined;
  const filter: LogFilter = {
    rangeS: RANGES[range],
    route: search.get("route") ?? undefined,
    method: search.get("method") ?? undefined,
    status: search.get("status") ?? undefined,
    minLatencyUs: min,
  };
  const set = (name: Name, value: string) => {
    const next = new URLSearchParams(search);
    if (value) next.set(name, value);
    else next.delete(name);
    navigate(`/latency${next.size > 0 ? `?${next}` : ""}`, { replace: true });
  };
  const clear = () =>
    navigate(`/latency${range === "5m" ? "" : `?range=${range}`}`, { replace: true });
  const isFiltered = Boolean(filter.route || filter.method || filter.status || min);
  return { filter, range, set, clear, isFiltered };
}
