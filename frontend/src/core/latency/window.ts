/** The span of time that the latency page is about, in milliseconds since 1970. */
export interface Window {
  from: number;
  to: number;
}

/** The ranges that end now, in seconds. */
export const RANGES = { "5m": 300, "1h": 3_600, "24h": 86_400, "7d": 604_800 } as const;
export type Range = keyof typeof RANGES;

export function isRange(text: string | null): text is Range {
  return text !== null && Object.hasOwn(RANGES, text);
}

export function windowEnding(range: Range, now: number): Window {
  return { from: now - RANGES[range] * 1_000, to: now };
}

export function secondsOf({ from, to }: Window): number {
  return (to - from) / 1_000;
}

/** A chart of 60 to 120 columns changes visibly once in about so many milliseconds. */
export function refreshMs(range: Range): number {
  return { "5m": 5_000, "1h": 15_000, "24h": 60_000, "7d": 60_000 }[range];
}

const SPARKS = 40; // columns of a small chart, at most
const STEPS_S = [
  1, 2, 5, 10, 30, 60, 120, 300, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400,
];

/** The length in seconds of a small chart's columns; from minutes on histograms answer. */
export function sparkStep(window: Window): number {
  const least = secondsOf(window) / SPARKS;
  return STEPS_S.find((step) => step >= least) ?? 86_400 * Math.ceil(least / 86_400);
}
