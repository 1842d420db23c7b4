import type { LogHeatmap } from "../api/types";
import type { Selection, Target } from "./view";
import type { Window } from "./window";

/** Requests by time and latency, as they are drawn: `cells[column][row]`, the fastest row first. */
export interface Grid extends Window {
  stepMs: number;
  /** Where each column begins. */
  times: number[];
  /** The bounds of the rows: row r holds edges[r] < µs ≤ edges[r + 1]. */
  edges: number[];
  cells: number[][];
  percentiles: ({ p50: number; p95: number; p99: number } | null)[];
  /** The requests of each column. */
  counts: number[];
  count: number;
  /** The most requests in one cell. */
  max: number;
}

export interface Cell {
  column: number;
  row: number;
}

/** Makes the grid of an answer, with `rowsPerOctave` rows (a divisor of the answer's). */
export function gridOf(heatmap: LogHeatmap, rowsPerOctave: number): Grid {
  const { columns, bounds_us: bounds } = heatmap;
  const groups = rowGroups(bounds, heatmap.rows_per_octave, rowsPerOctave);
  const cells = columns.map((column) => groups.map(({ rows }) => sum(rows, column.cells)));
  const uppers = groups.map(({ place }) => 2 ** (place / rowsPerOctave));
  return {
    from: Date.parse(heatmap.from ?? heatmap.to),
    to: Date.parse(heatmap.to),
    stepMs: heatmap.step_s * 1_000,
    times: columns.map(({ time }) => Date.parse(time)),
    edges: uppers[0] ? [uppers[0] / 2 ** (1 / rowsPerOctave), ...uppers] : [],
    cells,
    percentiles: columns.map(({ latency_us }) => latency_us),
    counts: columns.map(({ count }) => count),
    count: columns.reduce((total, { count }) => total + count, 0),
    max: Math.max(0, ...cells.flat()),
  };
}

/** Which rows of the answer make one row of the grid, and its place: it ends at 2^(place / wanted). */
function rowGroups(bounds: number[], given: number, wanted: number) {
  const groups: { place: number; rows: number[] }[] = [];
  bounds.forEach((bound, row) => {
    const place = Math.ceil((Math.round(Math.log2(bound) * given) * wanted) / given);
    const last = groups.at(-1);
    if (last?.place === place) last.rows.push(row);
    else groups.push({ place, rows: [row] });
  });
  return groups;
}

function sum(rows: number[], cells: number[]): number {
  return rows.reduce((total, row) => total + (cells[row] ?? 0), 0);
}

/** The row that holds a latency; of one beyond all rows the nearest. */
export function rowAt({ edges }: Grid, us: number): number {
  const row = edges.findIndex((edge) => us <= edge);
  return Math.max(0, (row < 0 ? edges.length - 1 : row) - 1);
}

/** The column that holds a moment; of one beyond all columns the nearest. */
export function columnAt({ times, stepMs }: Grid, ms: number): number {
  const column = Math.floor((ms - (times[0] ?? 0)) / stepMs);
  return Math.min(Math.max(0, column), Math.max(0, times.length - 1));
}

/** What the cells between two corners hold. */
export function selectionOf(grid: Grid, one: Cell, other: Cell): Selection {
  const [left, right] = [Math.min(one.column, other.column), Math.max(one.column, other.column)];
  const [low, high] = [Math.min(one.row, other.row), Math.max(one.row, other.row)];
  const least = grid.edges[low] ?? 0;
  return {
    from: grid.times[left] ?? grid.from,
    to: (grid.times[right] ?? grid.from) + grid.stepMs,
    minUs: least < 1 ? 0 : Math.floor(least) + 1, // the lowest of all rows also holds 0 µs
    maxUs: Math.floor(grid.edges[high + 1] ?? 0),
  };
}

/** The share of the requests within a target, or null for none; within a row it is in proportion. */
export function shareWithin(grid: Grid, { ms }: Target): number | null {
  if (grid.count === 0) return null;
  const us = ms * 1_000;
  let within = 0;
  grid.edges.slice(1).forEach((upper, row) => {
    const lower = grid.edges[row] ?? 0;
    const part = Math.log(us / lower) / Math.log(upper / lower);
    const inRow = grid.cells.reduce((total, cells) => total + (cells[row] ?? 0), 0);
    within += inRow * Math.min(1, Math.max(0, part));
  });
  return within / grid.count;
}

/** The cell with the most requests, and the column with the highest p99; null for an empty grid. */
export function peaksOf(grid: Grid): { busiest: Cell; slowest: number } | null {
  if (grid.count === 0) return null;
  const column = grid.cells.findIndex((cells) => cells.includes(grid.max));
  const row = grid.cells[column]?.indexOf(grid.max) ?? 0;
  const tails = grid.percentiles.map((each) => each?.p99 ?? 0);
  return { busiest: { column, row }, slowest: tails.indexOf(Math.max(...tails)) };
}
