import type { NumberFormat } from "./latency";

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** 8 s, 3 min, 2 h, 5 days: the greatest unit that is full, as nobody compares the rest. */
export function formatAge(ms: number, number: NumberFormat): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? UNITS[3];
  return number(Math.floor(seconds / size), { style: "unit", unit, unitDisplay: "short" });
}
