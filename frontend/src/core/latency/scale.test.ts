import { describe, expect, it } from "vitest";
import { makeHeatmap } from "@/test/log";
import { gridOf } from "./grid";
import { latencyRange, latencyTicks, scaleOf, timeTicks } from "./scale";

const frame = { left: 50, right: 250, top: 10, bottom: 110 };

describe("the scale of the chart", () => {
  it("goes from time and latency to pixels and back", () => {
    const scale = scaleOf(frame, { from: 0, to: 1_000 }, [100, 10_000]);

    expect([scale.x(0), scale.x(500), scale.x(1_000)]).toEqual([50, 150, 250]);
    expect(scale.y(100)).toBe(110);
    expect(scale.y(1_000)).toBeCloseTo(60);
    expect(scale.ms(scale.x(300))).toBeCloseTo(300);
    expect(scale.us(scale.y(777))).toBeCloseTo(777);
  });

  it("reaches over all rows, and over the target", () => {
    const grid = gridOf(makeHeatmap(), 1);

    expect(latencyRange(grid, null)).toEqual([1_024, 16_384]);
    expect(latencyRange(grid, 100_000)[1]).toBeGreaterThan(100_000);
    expect(latencyRange(grid, 10)[0]).toBeLessThan(10);
  });

  it("has room around a single row", () => {
    const columns = makeHeatmap().columns.map((column) => ({ ...column, cells: [1] }));
    const [low, high] = latencyRange(gridOf(makeHeatmap({ bounds_us: [2_048], columns }), 1), null);

    expect(high / low).toBeCloseTo(16);
  });
});

describe("the ticks", () => {
  it("of latency are as fine as there is room", () => {
    expect(latencyTicks(900, 11_000, 10)).toEqual([1_000, 2_000, 5_000, 10_000]);
    expect(latencyTicks(90, 110_000, 8)).toEqual([100, 300, 1_000, 3_000, 10_000, 30_000, 100_000]);
    expect(latencyTicks(90, 110_000, 5)).toEqual([100, 1_000, 10_000, 100_000]);
  });

  it("of time are round on the wall's clock, wherever it hangs", () => {
    const from = Date.parse("2026-07-01T12:10:00Z");
    const day = { from, to: from + 86_400_000 };
    const saoPaulo = -3 * 3_600_000;
    const at = (offsetMs: number) =>
      timeTicks(day, 4, offsetMs).ticks.map((tick) => new Date(tick).toISOString().slice(11, 16));

    expect(at(0)).toEqual(["18:00", "00:00", "06:00", "12:00"]);
    expect(at(saoPaulo)).toEqual(["15:00", "21:00", "03:00", "09:00"]);
  });

  it.each([
    [300_000, "second"],
    [3_600_000, "minute"],
    [604_800_000, "day"],
  ])("of %d ms are told by the %s", (length, precision) => {
    expect(timeTicks({ from: 0, to: length }, 10, 0).precision).toBe(precision);
  });
});
