import type { CSSProperties } from "react";
import type { Cell, Grid } from "@/core/latency/grid";
import type { Frame, Scale } from "@/core/latency/scale";
import type { Selection } from "@/core/latency/view";

interface HeatmapMarksProps {
  grid: Grid;
  scale: Scale;
  frame: Frame;
  cell: Cell | null;
  selection: Selection | null;
}

/** What lies over the drawing: the column and the cell under the cursor, the rectangle chosen. */
export function HeatmapMarks({ grid, scale, frame, cell, selection }: HeatmapMarksProps) {
  const begin = cell ? (grid.times[cell.column] ?? grid.from) : 0;
  const column = { from: begin, to: begin + grid.stepMs };
  return (
    <>
      {selection && (
        <span
          aria-hidden
          className="pointer-events-none absolute rounded-xs border-2 border-accent bg-accent/15"
          style={place(frame, scale, selection, selection.minUs - 1, selection.maxUs)}
        />
      )}
      {cell && (
        <>
          <span
            aria-hidden
            className="pointer-events-none absolute bg-ink/6"
            style={place(frame, scale, column, scale.low, scale.high)}
          />
          <span
            aria-hidden
            className="pointer-events-none absolute rounded-xs outline-2 outline-ink"
            style={place(
              frame,
              scale,
              column,
              grid.edges[cell.row] ?? 1,
              grid.edges[cell.row + 1] ?? 1,
            )}
          />
        </>
      )}
    </>
  );
}

/** A rectangle of the chart, as far as it lies within the frame. */
function place(
  frame: Frame,
  scale: Scale,
  { from, to }: { from: number; to: number },
  low: number,
  high: number,
): CSSProperties {
  const across = (x: number) => Math.min(Math.max(x, frame.left), frame.right);
  const down = (y: number) => Math.min(Math.max(y, frame.top), frame.bottom);
  const [left, right] = [across(scale.x(from)), across(scale.x(to))];
  const [top, bottom] = [down(scale.y(high)), down(scale.y(low))];
  return { left, top, width: right - left, height: bottom - top };
}
