/** How a figure stands against the one of the window before. */
export interface Change {
  kind: "more" | "less" | "same" | "unknown";
  /** Of a ratio: 0.12 is 12 % more or less; of a share: the difference itself. */
  by: number;
}

const NOISE = 0.05; // percentiles are right to ±4.4 %: a smaller change tells nothing
const SHARE_NOISE = 0.0005;

const UNKNOWN: Change = { kind: "unknown", by: 0 };

export function ratioChange(now: number | undefined, before: number | undefined): Change {
  if (now === undefined || before === undefined || before <= 0) return UNKNOWN;
  return changeBy(now / before - 1, NOISE);
}

/** The change of a share of all, in points. */
export function shareChange(now: number, before: number): Change {
  return changeBy(now - before, SHARE_NOISE);
}

function changeBy(difference: number, noise: number): Change {
  const by = Math.abs(difference);
  if (by < noise) return { kind: "same", by };
  return { kind: difference > 0 ? "more" : "less", by };
}
