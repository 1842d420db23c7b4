import { useEffect, useMemo, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useWidth } from "@/components/hooks";
import type { LogSummary } from "@/core/api/types";
import { formatLatency } from "@/core/format/latency";
import { type Formats, useTranslation } from "@/i18n";
import { useThemeName } from "./useThemeName";

const HEIGHT_PX = 280;
const LINES = ["p50", "p95", "p99"] as const;

interface PercentileChartProps {
  summary: LogSummary;
  /** The length of a bucket in seconds. */
  stepS: number;
}

/** p50, p95 and p99 over time on a logarithmic scale: 50 µs and 5 s in one picture. */
export default function PercentileChart({ summary, stepS }: PercentileChartProps) {
  const { t, formats } = useTranslation();
  const frame = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const width = useWidth(frame);
  const theme = useThemeName();
  const data = useMemo(() => columns(summary, stepS), [summary, stepS]);
  const latest = useRef({ data, summary });
  latest.current = { data, summary };

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme has new colours to read
  useEffect(() => {
    if (!frame.current || width === 0) return;
    const drawn = new uPlot(
      options(width, formats, () => span(latest.current.summary)),
      latest.current.data,
      frame.current,
    );
    chart.current = drawn;
    return () => {
      drawn.destroy();
      chart.current = null;
    };
  }, [width, formats, theme]);
  useEffect(() => chart.current?.setData(data), [data]);

  const label = t.latency.chartLabel(
    formats.time(new Date(summary.from ?? summary.to)),
    formats.time(new Date(summary.to)),
  );
  return (
    <figure className="m-0 px-2 pb-2 sm:px-3">
      <div ref={frame} role="img" aria-label={label} style={{ height: HEIGHT_PX }} />
      <figcaption aria-hidden className="flex justify-center gap-4 pb-1 text-ink-soft text-xs">
        {LINES.map((line) => (
          <span key={line} className="flex items-center gap-1.5">
            <span className="h-0.5 w-4 rounded-full" style={{ background: `var(--${line})` }} />
            {line}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

/** One column of times and one per line, with nulls where nothing was asked: no line spans that. */
function columns({ groups = [] }: LogSummary, step: number): uPlot.AlignedData {
  const at = new Map(groups.map(({ key, latency_us }) => [Date.parse(key) / 1_000, latency_us]));
  const known = [...at.keys()];
  const times: number[] = [];
  for (const time of known) {
    const last = times.at(-1);
    if (last !== undefined && time - last > step * 1.5) times.push(last + step);
    times.push(time);
  }
  const lines = LINES.map((line) => times.map((time) => at.get(time)?.[line] ?? null));
  return [times, ...lines] as uPlot.AlignedData;
}

/** The time range in seconds: the axis shows all of it, with or without requests. */
function span({ from, to, groups = [] }: LogSummary): [number, number] {
  const begin = from ?? groups[0]?.key ?? to;
  return [Date.parse(begin) / 1_000, Date.parse(to) / 1_000];
}

function options(width: number, formats: Formats, range: () => [number, number]): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: color("--ink-faint"),
    font: `11px ${getComputedStyle(document.body).fontFamily}`,
    grid: { stroke: color("--line"), width: 1 },
    ticks: { show: false },
  };
  const wide = width > 480;
  return {
    width,
    height: HEIGHT_PX,
    padding: [14, 28, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
    scales: {
      x: { range },
      y: { distr: 3, log: 10, range: (_, low, high) => logRange(low, high) },
    },
    series: [
      {},
      ...LINES.map((line) => ({
        label: line,
        stroke: color(`--${line}`),
        width: 1.75,
        points: { show: true, size: 4, fill: color(`--${line}`), filter: lonely },
      })),
    ],
    axes: [
      {
        ...axis,
        size: 32,
        space: wide ? 80 : 64,
        values: (_, splits) => splits.map((s) => clock(s, splits, formats)),
      },
      {
        ...axis,
        size: 64,
        splits: (_, __, low, high) => logSplits(low, high),
        filter: (_, splits) => splits,
        values: (_, splits) => splits.map((us) => formatLatency(us, formats.number)),
      },
    ],
    plugins: [tooltip(formats)],
  };
}

/** The points without neighbours: they make no line, and are drawn as dots. */
function lonely(u: uPlot, series: number): number[] {
  const values = u.data[series] ?? [];
  const isThere = (i: number) => values[i] !== null && values[i] !== undefined;
  return [...values.keys()].filter((i) => isThere(i) && !isThere(i - 1) && !isThere(i + 1));
}

function clock(second: number, splits: number[], formats: Formats): string {
  const step = (splits[1] ?? 0) - (splits[0] ?? 0);
  const date = new Date(second * 1_000);
  return step >= 60 ? formats.timeShort(date) : formats.time(date);
}

/** From the 1-2-5 step below the least to the one above the greatest. */
function logRange(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null || low <= 0) return [10, 10_000];
  const steps = logSplits(low / 10, high * 10);
  const from = steps.filter((step) => step <= low).at(-1) ?? low;
  const to = steps.find((step) => step >= high) ?? high;
  return from < to ? [from, to] : [from / 2, to * 2];
}

const MANY_DECADES = 2.5;

function logSplits(low: number, high: number): number[] {
  const wide = Math.log10(high / low) > MANY_DECADES;
  const splits: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const step of wide ? [1] : [1, 2, 5]) splits.push(step * 10 ** power);
  }
  return splits.filter((split) => split >= low * 0.999 && split <= high * 1.001);
}

/** The values under the pointer, in a small card beside it. */
function tooltip(formats: Formats): uPlot.Plugin {
  const card = document.createElement("div");
  card.className =
    "pointer-events-none absolute top-2 z-10 rounded-lg border bg-raised px-2.5 py-1.5 text-xs text-ink shadow-float tabular-nums";
  card.hidden = true;
  const show = (u: uPlot) => {
    const index = u.cursor.idx ?? null;
    card.hidden = index === null;
    if (index === null) return;
    const at = u.data[0][index] ?? 0;
    card.replaceChildren(line(formats.time(new Date(at * 1_000)), "var(--ink-faint)"));
    LINES.forEach((name, i) => {
      const us = u.data[i + 1]?.[index];
      const value = us === null || us === undefined ? "–" : formatLatency(us, formats.number);
      card.append(line(`${name}  ${value}`, `var(--${name})`));
    });
    const left = u.valToPos(at, "x");
    const onRight = left < u.over.clientWidth / 2;
    card.style.left = onRight ? `${left + 12}px` : "";
    card.style.right = onRight ? "" : `${u.over.clientWidth - left + 12}px`;
  };
  return {
    hooks: { init: (u) => void u.over.append(card), setCursor: show, setData: show },
  };
}

function line(text: string, color: string): HTMLElement {
  const element = document.createElement("div");
  element.textContent = text;
  element.style.whiteSpace = "pre";
  element.style.color = color;
  return element;
}
