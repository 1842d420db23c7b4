import { describe, expect, it } from "vitest";
import { makeHeatmap } from "@/test/log";
import { columnAt, gridOf, peaksOf, rowAt, selectionOf, shareWithin } from "./grid";

describe("the grid of a heatmap", () => {
  it("has the rows of the answer between their bounds", () => {
    const grid = gridOf(makeHeatmap(), 1);

    expect(grid.edges).toEqual([1_024, 2_048, 4_096, 8_192, 16_384]);
    expect(grid.cells).toEqual([
      [10, 0, 0, 0],
      [10, 0, 0, 1],
    ]);
    expect(grid.count).toBe(21);
    expect(grid.max).toBe(10);
  });

  it("adds rows up to coarser ones that end at whole octaves", () => {
    const bounds = [724.08, 1_024, 1_448.15, 2_048, 2_896.31];
    const columns = makeHeatmap().columns.map((column) => ({ ...column, cells: [1, 2, 3, 4, 5] }));
    const grid = gridOf(makeHeatmap({ rows_per_octave: 2, bounds_us: bounds, columns }), 1);

    expect(grid.edges).toEqual([512, 1_024, 2_048, 4_096]);
    expect(grid.cells[0]).toEqual([3, 7, 5]);
  });

  it("finds the row of a latency as the log counts it, its upper bound included", () => {
    const grid = gridOf(makeHeatmap(), 1);

    expect([1, 1_025, 2_048, 2_049, 999_999].map((us) => rowAt(grid, us))).toEqual([0, 0, 0, 1, 3]);
  });

  it("finds the column of a moment, and the nearest beyond the ends", () => {
    const grid = gridOf(makeHeatmap(), 1);
    const begin = grid.times[0] ?? 0;

    expect([-1, 0, 59_999, 60_000, 999_999].map((ms) => columnAt(grid, begin + ms))).toEqual([
      0, 0, 0, 1, 1,
    ]);
  });

  it("gives the bounds of a rectangle, from whichever corner it was opened", () => {
    const grid = gridOf(makeHeatmap(), 1);
    const begin = grid.times[0] ?? 0;
    const chosen = { from: begin, to: begin + 120_000, minUs: 2_049, maxUs: 8_192 };

    expect(selectionOf(grid, { column: 0, row: 1 }, { column: 1, row: 2 })).toEqual(chosen);
    expect(selectionOf(grid, { column: 1, row: 2 }, { column: 0, row: 1 })).toEqual(chosen);
  });

  it("takes 0 µs into the rectangle of the lowest row of all", () => {
    const columns = makeHeatmap().columns.map((column) => ({ ...column, cells: [1] }));
    const grid = gridOf(makeHeatmap({ bounds_us: [1], columns }), 1);

    expect(selectionOf(grid, { column: 0, row: 0 }, { column: 0, row: 0 })).toMatchObject({
      minUs: 0,
      maxUs: 1,
    });
  });

  it("tells the share within a target, in proportion within a row", () => {
    const grid = gridOf(makeHeatmap(), 1);

    expect(shareWithin(grid, { percent: 99, ms: 2.048 })).toBeCloseTo(20 / 21);
    expect(shareWithin(grid, { percent: 99, ms: 20 })).toBe(1);
    expect(shareWithin(grid, { percent: 99, ms: 1 })).toBe(0);
    expect(shareWithin(grid, { percent: 99, ms: Math.sqrt(8_192 * 16_384) / 1_000 })).toBeCloseTo(
      20.5 / 21,
    );
  });

  it("names its busiest cell and its slowest column", () => {
    expect(peaksOf(gridOf(makeHeatmap(), 1))).toEqual({
      busiest: { column: 0, row: 0 },
      slowest: 1,
    });
  });

  it("has no share and no peaks when nothing was asked", () => {
    const columns = makeHeatmap().columns.map((column) => ({
      ...column,
      count: 0,
      cells: [],
      latency_us: null,
    }));
    const grid = gridOf(makeHeatmap({ bounds_us: [], columns }), 1);

    expect(shareWithin(grid, { percent: 99, ms: 5 })).toBeNull();
    expect(peaksOf(grid)).toBeNull();
  });
});
