import { type KeyboardEvent, type PointerEvent, useRef, useState } from "react";
import { type Cell, columnAt, type Grid, rowAt, selectionOf } from "@/core/latency/grid";
import type { Scale } from "@/core/latency/scale";
import type { Selection } from "@/core/latency/view";

/** A place by its values, for the columns move on while one looks at them. */
interface Place {
  ms: number;
  us: number;
}

const MOVES: Record<string, [columns: number, rows: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
  Home: [Number.NEGATIVE_INFINITY, 0],
  End: [Number.POSITIVE_INFINITY, 0],
};

/** One cursor on the chart, for the pointer and for the keyboard, and a rectangle that it opens. */
export function useHeatCursor(grid: Grid, scale: Scale, onSelect: (chosen: Selection) => void) {
  const [cursor, setCursor] = useState<Place | null>(null);
  const [anchor, setAnchor] = useState<Place | null>(null);
  const [byKeys, setByKeys] = useState(false);
  const dragging = useRef(false);
  const cell = cursor && cellAt(grid, cursor);
  const marked = cell && anchor ? selectionOf(grid, cellAt(grid, anchor), cell) : null;

  const forget = () => {
    dragging.current = false;
    setAnchor(null);
  };
  const under = (event: PointerEvent): Place => {
    const box = event.currentTarget.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const place = { ms: scale.ms(x), us: scale.us(y) };
    return placeOf(grid, cellAt(grid, place));
  };

  const pointer = {
    onPointerMove: (event: PointerEvent) => {
      if (grid.count === 0) return;
      setByKeys(false);
      setCursor(under(event));
    },
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0 || grid.count === 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      dragging.current = true;
      setByKeys(false);
      setCursor(under(event));
      setAnchor(under(event));
    },
    onPointerUp: (event: PointerEvent) => {
      if (!dragging.current || !anchor || grid.count === 0) return;
      const [from, to] = [cellAt(grid, anchor), cellAt(grid, under(event))];
      const moved = from.column !== to.column || from.row !== to.row;
      // A tap is how fingers look at a cell: only a drag of theirs chooses.
      const clicked = event.pointerType === "mouse" && (grid.cells[to.column]?.[to.row] ?? 0) > 0;
      if (moved || clicked) onSelect(selectionOf(grid, from, to));
      forget();
    },
    onPointerCancel: forget,
    onPointerLeave: () => !dragging.current && setCursor(null),
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const move = MOVES[event.key];
    if (grid.count === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (move) {
      const start = cell ?? startOf(grid);
      const next = placeOf(grid, cell ? moved(grid, cell, move) : start);
      setByKeys(true);
      setAnchor(event.shiftKey ? (anchor ?? placeOf(grid, start)) : null);
      setCursor(next);
    } else if (event.key === "Enter" && cell) {
      onSelect(marked ?? selectionOf(grid, cell, cell));
      forget();
    } else if (event.key === "Escape" && cursor) {
      forget();
      setCursor(null);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return { cell, marked, byKeys, pointer, onKeyDown, onBlur: () => byKeys && setCursor(null) };
}

function cellAt(grid: Grid, { ms, us }: Place): Cell {
  return { column: columnAt(grid, ms), row: rowAt(grid, us) };
}

/** The middle of a cell. */
function placeOf(grid: Grid, { column, row }: Cell): Place {
  const [low, high] = [grid.edges[row] ?? 1, grid.edges[row + 1] ?? 1];
  return { ms: (grid.times[column] ?? 0) + grid.stepMs / 2, us: Math.sqrt(low * high) };
}

/** Where the keyboard begins: at the latest column with requests, at its p50. */
function startOf(grid: Grid): Cell {
  const column = grid.percentiles.findLastIndex((each) => each !== null);
  return { column, row: rowAt(grid, grid.percentiles[column]?.p50 ?? 0) };
}

function moved(grid: Grid, cell: Cell, [columns, rows]: [number, number]): Cell {
  const within = (at: number, length: number) => Math.min(Math.max(0, at), length - 1);
  return {
    column: within(cell.column + columns, grid.times.length),
    row: within(cell.row + rows, grid.edges.length - 1),
  };
}
