import type { ComparedGroup, LogComparison, LogEntry, LogHeatmap } from "@/core/api/types";

const EPOCH_US = Date.parse("2026-07-01T12:00:00Z") * 1_000;

/** The nth entry of a log, n seconds after its beginning. */
export function makeEntry(n: number, fields: Partial<LogEntry> = {}): LogEntry {
  const us = EPOCH_US + n * 1_000_000;
  return {
    id: `${us.toString(16).padStart(14, "0")}0000000a${n.toString(16).padStart(10, "0")}`,
    time: new Date(us / 1_000).toISOString().replace("Z", "000Z"),
    facade: "matriz",
    method: "GET",
    route: "/client",
    status: 200,
    latency_us: 1_000,
    parts: { queue: 100, db: 400 },
    bytes: 1_530,
    trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
    lag_ms: 0,
    outbox: 0,
    error: null,
    ...fields,
  };
}

/** An entry of this very moment. */
export function makeRecent(n: number, fields: Partial<LogEntry> = {}): LogEntry {
  return makeEntry(Math.floor(Date.now() / 1_000) - EPOCH_US / 1_000_000 + n, fields);
}

/** Two minutes of requests: 10 of 1 to 2 ms in the first, one of 8 to 16 ms more in the second. */
export function makeHeatmap(fields: Partial<LogHeatmap> = {}): LogHeatmap {
  return {
    from: "2026-07-01T12:00:00.000000Z",
    to: "2026-07-01T12:02:00.000000Z",
    step_s: 60,
    rows_per_octave: 1,
    bounds_us: [2_048, 4_096, 8_192, 16_384],
    columns: [
      {
        time: "2026-07-01T12:00:00.000000Z",
        count: 10,
        cells: [10, 0, 0, 0],
        latency_us: { p50: 1_500, p95: 1_500, p99: 1_500 },
      },
      {
        time: "2026-07-01T12:01:00.000000Z",
        count: 11,
        cells: [10, 0, 0, 1],
        latency_us: { p50: 1_500, p95: 1_500, p99: 12_540 },
      },
    ],
    ...fields,
  };
}

export function makeComparison(groups: ComparedGroup[] = []): LogComparison {
  return {
    from: "2026-07-01T12:00:00Z",
    to: "2026-07-01T12:05:00Z",
    against_from: "2026-07-01T11:55:00Z",
    against_to: "2026-07-01T12:00:00Z",
    total: {
      now: {
        count: 600,
        errors: 3,
        error_rate: 0.005,
        latency_us: { p50: 85, p95: 1_250, p99: 12_540 },
      },
      against: {
        count: 300,
        errors: 0,
        error_rate: 0,
        latency_us: { p50: 85, p95: 2_500, p99: 10_000 },
      },
      ratio: { p50: 1, p95: 0.5, p99: 1.254 },
      slowdown: 1,
    },
    groups,
  };
}

export function makeGroup(key: string, count = 600): ComparedGroup {
  const { total } = makeComparison();
  return { ...total, now: { ...total.now, count }, key };
}
