import type { Grid } from "@/core/latency/grid";
import type { Frame, Scale } from "@/core/latency/scale";

export const LINES = ["p50", "p95", "p99"] as const;

export interface Tick {
  at: number;
  text: string;
}

export interface Drawing {
  grid: Grid;
  scale: Scale;
  frame: Frame;
  width: number;
  latencies: Tick[];
  times: Tick[];
  target: { us: number; text: string } | null;
}

const HEAT_ALPHA_MIN = 0.14;
const LABEL_GAP_PX = 10;

/** Draws the whole chart; coordinates are CSS pixels, edges lie on the device's. */
export function drawHeatmap(context: CanvasRenderingContext2D, drawing: Drawing): void {
  const styles = getComputedStyle(document.documentElement);
  const color = (name: string) => styles.getPropertyValue(`--${name}`).trim();
  const brush = { context, color, ratio: devicePixelRatio, ...drawing };
  context.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  drawLatencies(brush);
  drawTimes(brush);
  drawCells(brush);
  for (const line of LINES) drawLine(brush, line);
  drawTarget(brush);
}

type Brush = Drawing & {
  context: CanvasRenderingContext2D;
  color: (name: string) => string;
  ratio: number;
};

/** The nearest whole pixel of the device. */
function snap(at: number, ratio: number): number {
  return Math.round(at * ratio) / ratio;
}

function drawLatencies({ context, color, frame, scale, latencies, ratio }: Brush): void {
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const { at, text } of latencies) {
    const y = snap(scale.y(at), ratio);
    context.fillStyle = color("line");
    context.fillRect(frame.left, y, frame.right - frame.left, 1 / ratio);
    context.fillStyle = color("ink-faint");
    context.fillText(text, frame.left - 8, y);
  }
}

/** Labels stand under their moments, within the chart, and leave out what would not fit between. */
function drawTimes({ context, color, frame, scale, times, width, ratio }: Brush): void {
  context.textAlign = "left";
  context.textBaseline = "top";
  let free = 0;
  for (const { at, text } of times) {
    const x = snap(scale.x(at), ratio);
    const size = context.measureText(text).width;
    const left = Math.min(Math.max(0, x - size / 2), width - size);
    if (left < free) continue;
    free = left + size + LABEL_GAP_PX;
    context.fillStyle = color("line");
    context.fillRect(x, frame.bottom, 1 / ratio, 4);
    context.fillStyle = color("ink-faint");
    context.fillText(text, left, frame.bottom + 8);
  }
}

function drawCells({ context, color, frame, scale, grid, ratio }: Brush): void {
  const gap = 1 / ratio;
  context.fillStyle = color("heat");
  grid.cells.forEach((cells, column) => {
    const begin = grid.times[column] ?? 0;
    const left = snap(Math.max(frame.left, scale.x(begin)), ratio);
    const right = snap(Math.min(frame.right, scale.x(begin + grid.stepMs)), ratio);
    cells.forEach((count, row) => {
      if (count === 0) return;
      const top = snap(scale.y(grid.edges[row + 1] ?? 1), ratio);
      const bottom = snap(scale.y(grid.edges[row] ?? 1), ratio);
      context.globalAlpha = heat(count, grid.max);
      context.fillRect(left, top, Math.max(gap, right - left - gap), bottom - top - gap);
    });
  });
  context.globalAlpha = 1;
}

/** How strongly a cell is painted: one request can be seen beside a thousand. */
export function heat(count: number, max: number): number {
  return HEAT_ALPHA_MIN + ((1 - HEAT_ALPHA_MIN) * Math.log1p(count)) / Math.log1p(max);
}

/** A line through the columns' middles; over cells its edge sets it off. Lonely columns are dots. */
function drawLine({ context, color, frame, scale, grid }: Brush, name: (typeof LINES)[number]) {
  const path = new Path2D();
  let before = false;
  grid.percentiles.forEach((each, column) => {
    if (!each) {
      before = false;
      return;
    }
    const middle = scale.x((grid.times[column] ?? 0) + grid.stepMs / 2);
    const x = Math.min(Math.max(frame.left, middle), frame.right);
    const y = scale.y(each[name]);
    if (before) path.lineTo(x, y);
    else path.moveTo(x, y);
    if (!before && !grid.percentiles[column + 1]) path.arc(x, y, 1, 0, 2 * Math.PI);
    before = true;
  });
  context.lineJoin = "round";
  context.lineCap = "round";
  for (const [stroke, width] of [
    ["surface", 4],
    [name, 2],
  ] as const) {
    context.strokeStyle = color(stroke);
    context.lineWidth = width;
    context.stroke(path);
  }
}

function drawTarget({ context, color, frame, scale, target, ratio }: Brush): void {
  if (!target) return;
  const y = snap(scale.y(target.us), ratio) + 0.5 / ratio;
  context.strokeStyle = color("ink");
  context.lineWidth = 1.5;
  context.setLineDash([6, 4]);
  context.beginPath();
  context.moveTo(frame.left, y);
  context.lineTo(frame.right, y);
  context.stroke();
  context.setLineDash([]);
  context.textAlign = "right";
  context.textBaseline = y - frame.top > 18 ? "bottom" : "top";
  context.strokeStyle = color("surface");
  context.lineWidth = 4;
  const place = [frame.right - 6, context.textBaseline === "bottom" ? y - 3 : y + 4] as const;
  context.strokeText(target.text, ...place);
  context.fillStyle = color("ink");
  context.fillText(target.text, ...place);
}
