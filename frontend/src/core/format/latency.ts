/** Durations and positions for people. Intl does the numerals; the unit follows the size. */

export type NumberFormat = (value: number, options?: Intl.NumberFormatOptions) => string;

/** 850 µs, 1.25 ms, 12.5 ms, 125 ms, 1.25 s: three significant digits. */
export function formatLatency(us: number, number: NumberFormat): string {
  const [value, unit] =
    us < 1_000 ? [us, "µs"] : us < 1_000_000 ? [us / 1_000, "ms"] : [us / 1_000_000, "s"];
  const digits = unit === "µs" || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${number(value, { minimumFractionDigits: 0, maximumFractionDigits: digits })} ${unit}`;
}

/** The version within a position <epoch>_<version>, or null. */
export function versionOf(position: string | null): number | null {
  const match = /^\d{10}_(\d{20})$/.exec(position ?? "");
  return match ? Number(match[1]) : null;
}
