import { expect, it } from "vitest";
import { RANGES, type Range, secondsOf, sparkStep, windowEnding } from "./window";

it.each(Object.keys(RANGES) as Range[])(
  "a range of %s ends now, and makes a small chart",
  (range) => {
    const window = windowEnding(range, 1_795_488_515_000);

    expect(window.to).toBe(1_795_488_515_000);
    expect(secondsOf(window)).toBe(RANGES[range]);
    expect(RANGES[range] / sparkStep(window)).toBeGreaterThan(20);
    expect(RANGES[range] / sparkStep(window)).toBeLessThanOrEqual(40);
  },
);
