import { useEffect, useId, useMemo, useRef } from "react";
import { useWidth } from "@/components/hooks";
import { type Grid, peaksOf } from "@/core/latency/grid";
import {
  type Frame,
  latencyRange,
  latencyTicks,
  type Precision,
  scaleOf,
  timeTicks,
} from "@/core/latency/scale";
import type { Selection, Target } from "@/core/latency/view";
import { type Formats, useTranslation } from "@/i18n";
import { drawHeatmap } from "./drawHeatmap";
import { HeatmapCursor } from "./HeatmapCursor";
import { HeatmapMarks } from "./HeatmapMarks";
import { useHeatCursor } from "./useHeatCursor";
import { useThemeName } from "./useThemeName";
import { useWords } from "./useWords";

const HEIGHT_PX = 300;
const TICK_PX = 84; // room for a label and some air
const LINE_PX = 30;

interface HeatmapCanvasProps {
  grid: Grid;
  target: Target | null;
  selection: Selection | null;
  onSelect: (chosen: Selection) => void;
}

/** Requests by time and latency, the percentiles over them, and one cursor for both. */
export function HeatmapCanvas({ grid, target, selection, onSelect }: HeatmapCanvasProps) {
  const { t, formats } = useTranslation();
  const words = useWords();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(box);
  const theme = useThemeName();
  const help = useId();
  const summary = useSummary(grid);
  const targetUs = target && target.ms * 1_000;
  const { frame, scale } = useMemo(() => {
    const frame: Frame = { left: 58, right: width - 8, top: 10, bottom: HEIGHT_PX - 30 };
    return { frame, scale: scaleOf(frame, grid, latencyRange(grid, targetUs)) };
  }, [grid, width, targetUs]);
  const cursor = useHeatCursor(grid, scale, onSelect);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme has new colours to read
  useEffect(() => {
    const context = canvas.current && sized(canvas.current, width);
    if (!context) return;
    const plot = { width: frame.right - frame.left, height: frame.bottom - frame.top };
    const offsetMs = -new Date(grid.to).getTimezoneOffset() * 60_000;
    const { ticks, precision } = timeTicks(grid, plot.width / TICK_PX, offsetMs);
    const latencies = latencyTicks(scale.low, scale.high, plot.height / LINE_PX);
    drawHeatmap(context, {
      grid,
      scale,
      frame,
      width,
      latencies: latencies.map((us) => ({ at: us, text: words.latency(us) })),
      times: ticks.map((ms) => ({ at: ms, text: clock(new Date(ms), precision, formats) })),
      target: target && {
        us: target.ms * 1_000,
        text: `${formats.percent(target.percent / 100)} ≤ ${words.latency(target.ms * 1_000)}`,
      },
    });
  }, [grid, scale, frame, width, target, words, formats, theme]);

  return (
    <div className="px-2 sm:px-3">
      <p id={help} className="sr-only">
        {summary} {t.latency.heatmapKeys}
      </p>
      <div
        ref={box}
        data-testid="heatmap"
        role="application"
        aria-label={t.latency.heatmap}
        aria-describedby={help}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys work here
        tabIndex={0}
        {...cursor.pointer}
        onKeyDown={cursor.onKeyDown}
        onBlur={cursor.onBlur}
        className="relative cursor-crosshair touch-pan-y select-none rounded-md"
        style={{ height: HEIGHT_PX }}
      >
        <canvas ref={canvas} aria-hidden className="absolute inset-0 size-full" />
        <HeatmapMarks
          grid={grid}
          scale={scale}
          frame={frame}
          cell={cursor.cell}
          selection={cursor.marked ?? selection}
        />
        {cursor.cell && (
          <HeatmapCursor grid={grid} cell={cursor.cell} scale={scale} spoken={cursor.byKeys} />
        )}
      </div>
    </div>
  );
}

/** Makes the canvas as fine as the screen; null where there is none. */
function sized(canvas: HTMLCanvasElement, width: number): CanvasRenderingContext2D | null {
  const context = canvas.getContext("2d");
  if (!context || width === 0) return null;
  canvas.width = Math.round(width * devicePixelRatio);
  canvas.height = Math.round(HEIGHT_PX * devicePixelRatio);
  context.scale(devicePixelRatio, devicePixelRatio);
  return context;
}

function clock(date: Date, precision: Precision, formats: Formats): string {
  if (precision === "day") return formats.day(date);
  return precision === "minute" ? formats.timeShort(date) : formats.time(date);
}

/** The chart in words, for those who cannot see it. */
function useSummary(grid: Grid): string {
  const { t, formats } = useTranslation();
  const words = useWords();
  const peaks = peaksOf(grid);
  if (!peaks) return t.latency.emptyTitle;
  const { busiest, slowest } = peaks;
  const at = (column: number) => words.moment(grid.times[column] ?? grid.from, grid);
  return [
    t.latency.heatmapSummary({
      from: words.moment(grid.from, grid),
      to: words.moment(grid.to, grid),
      requests: words.requests(grid.count),
      low: words.latency(grid.edges[0] ?? 0),
      high: words.latency(grid.edges.at(-1) ?? 0),
    }),
    t.latency.heatmapPeaks({
      band: words.bandOf(grid, busiest.row),
      count: formats.number(grid.max),
      time: at(busiest.column),
      p99: words.optional(grid.percentiles[slowest]?.p99),
      slowest: at(slowest),
    }),
  ].join(" ");
}
