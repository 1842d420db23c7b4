import { cn } from "@/components/cn";
import type { Cell, Grid } from "@/core/latency/grid";
import type { Scale } from "@/core/latency/scale";
import { LINES } from "./drawHeatmap";
import { useWords } from "./useWords";

interface HeatmapCursorProps {
  grid: Grid;
  cell: Cell;
  scale: Scale;
  /** Moved by keys: what is there is read out. */
  spoken: boolean;
}

/** What is under the cursor, in a card beside it. */
export function HeatmapCursor({ grid, cell, scale, spoken }: HeatmapCursorProps) {
  const words = useWords();
  const from = grid.times[cell.column] ?? grid.from;
  const count = grid.cells[cell.column]?.[cell.row] ?? 0;
  const percentiles = grid.percentiles[cell.column];
  const onRight = scale.x(from) < (scale.x(grid.from) + scale.x(grid.to)) / 2;
  const high = cell.row > (grid.edges.length - 1) / 2;
  const edge = scale.x(onRight ? from + grid.stepMs : from);
  return (
    <div
      role="status"
      aria-live={spoken ? "polite" : "off"}
      data-testid="heatmap-cursor"
      className={cn(
        "pointer-events-none absolute z-10 rounded-lg border bg-raised px-2.5 py-1.5 text-xs shadow-float tabular-nums",
        high ? "bottom-10" : "top-3",
      )}
      style={{ left: edge + (onRight ? 10 : -10), translate: onRight ? undefined : "-100%" }}
    >
      <p className="whitespace-nowrap text-ink-faint">
        {words.span({ from, to: from + grid.stepMs }, grid)}
      </p>
      <p className="whitespace-nowrap font-medium">{words.bandOf(grid, cell.row)}</p>
      <p className="whitespace-nowrap">{words.requests(count)}</p>
      {percentiles && (
        <dl className="mt-1 grid grid-cols-[auto_auto] gap-x-3 border-t pt-1">
          {LINES.map((line) => (
            <div key={line} className="contents">
              <dt className="flex items-center gap-1.5 text-ink-soft">
                <span
                  aria-hidden
                  className="h-0.5 w-3 rounded-full"
                  style={{ background: `var(--${line})` }}
                />
                {line}
              </dt>
              <dd className="text-right">{words.latency(percentiles[line])}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}
