import { expect, it } from "vitest";
import { ratioChange, shareChange } from "./change";

it.each([
  [150, 100, "more"],
  [50, 100, "less"],
  [104, 100, "same"],
  [100, undefined, "unknown"],
  [undefined, 100, "unknown"],
  [100, 0, "unknown"],
])("from %s before to %s now a figure is %s", (now, before, kind) => {
  expect(ratioChange(now, before).kind).toBe(kind);
});

it("tells by how much", () => {
  expect(ratioChange(150, 100).by).toBeCloseTo(0.5);
  expect(shareChange(0.03, 0.01)).toEqual({ kind: "more", by: expect.closeTo(0.02) });
  expect(shareChange(0.01, 0.0101).kind).toBe("same");
});
