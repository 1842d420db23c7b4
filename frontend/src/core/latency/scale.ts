import type { Grid } from "./grid";
import type { Window } from "./window";

/** Where things stand on the chart, in CSS pixels: time to the right, log of latency upwards. */
export interface Frame {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface Scale {
  x: (ms: number) => number;
  y: (us: number) => number;
  ms: (x: number) => number;
  us: (y: number) => number;
  /** The latencies at the bottom and at the top. */
  low: number;
  high: number;
}

const LOW_US = 100;
const HIGH_US = 100_000;
const OCTAVES_MIN = 4;

/** Latencies that the chart reaches over: all rows, the target too, and never too few of them. */
export function latencyRange({ edges }: Grid, targetUs: number | null): [number, number] {
  let low = edges[0] ?? LOW_US;
  let high = edges.at(-1) ?? HIGH_US;
  if (targetUs !== null) {
    low = Math.min(low, targetUs / 1.4);
    high = Math.max(high, targetUs * 1.4);
  }
  const missing = Math.max(0, OCTAVES_MIN - Math.log2(high / low)) / 2;
  return [low / 2 ** missing, high * 2 ** missing];
}

export function scaleOf(frame: Frame, { from, to }: Window, [low, high]: [number, number]): Scale {
  const width = frame.right - frame.left;
  const height = frame.bottom - frame.top;
  const octaves = Math.log2(high / low);
  return {
    x: (ms) => frame.left + (width * (ms - from)) / (to - from),
    y: (us) => frame.bottom - (height * Math.log2(Math.max(us, 1e-3) / low)) / octaves,
    ms: (x) => from + ((to - from) * (x - frame.left)) / width,
    us: (y) => low * 2 ** ((octaves * (frame.bottom - y)) / height),
    low,
    high,
  };
}

/** Latencies to write on the axis: 1, 10, 100, or with steps of 1-2-5 when there is room. */
export function latencyTicks(low: number, high: number, room: number): number[] {
  const all = (steps: number[]) => {
    const ticks: number[] = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
      ticks.push(...steps.map((step) => step * 10 ** power));
    }
    return ticks.filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
  };
  const fine = all([1, 2, 5]);
  if (fine.length <= room) return fine;
  const middle = all([1, 3]);
  return middle.length <= room ? middle : all([1]);
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 30, 90, 365].map((n) => n * DAY),
];

/** How finely moments of a window are told apart on its axis. */
export type Precision = "second" | "minute" | "day";

/** Moments to write on the axis, round ones on the wall's clock (`offsetMs` ahead of UTC). */
export function timeTicks({ from, to }: Window, room: number, offsetMs: number) {
  const step = STEPS.find((each) => (to - from) / each <= room) ?? to - from;
  const ticks: number[] = [];
  const first = Math.ceil((from + offsetMs) / step) * step - offsetMs;
  for (let tick = first; tick <= to; tick += step) ticks.push(tick);
  const precision: Precision = step >= DAY ? "day" : step >= MINUTE ? "minute" : "second";
  return { ticks, precision };
}
