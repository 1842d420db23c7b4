import { ArrowDown, ArrowUp, Minus } from "lucide-react";
import { cn } from "@/components/cn";
import type { LogComparison } from "@/core/api/types";
import { type Change, ratioChange, shareChange } from "@/core/latency/change";
import { secondsOf } from "@/core/latency/window";
import { useTranslation } from "@/i18n";
import { useWords } from "./useWords";

/** The figures of the window, each with its change against the window before. */
export function Tiles({ comparison }: { comparison: LogComparison }) {
  const { t, formats } = useTranslation();
  const words = useWords();
  const { now, against } = comparison.total;
  const window = { from: Date.parse(comparison.from), to: Date.parse(comparison.to) };
  const rate = now.count / secondsOf(window);
  const time = (name: "p50" | "p95" | "p99", note: string) => (
    <Tile
      name={name}
      label={name}
      mark={`var(--${name})`}
      value={words.optional(now.latency_us?.[name])}
      note={note}
      change={ratioChange(now.latency_us?.[name], against.latency_us?.[name])}
      kind="latency"
    />
  );
  const slower = (percent: number) => t.latency.slower(formats.percent(percent / 100));
  return (
    <section aria-label={t.latency.figures}>
      <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-xl border bg-line md:grid-cols-5">
        {time("p50", t.latency.median)}
        {time("p95", slower(5))}
        {time("p99", slower(1))}
        <Tile
          name="rate"
          label={t.latency.rate}
          value={formats.number(rate, { maximumFractionDigits: rate < 10 ? 2 : 1 })}
          note={words.requests(now.count)}
          change={ratioChange(now.count, against.count)}
          kind="rate"
        />
        <Tile
          name="errors"
          label={t.latency.errorRate}
          value={formats.percent(now.error_rate)}
          note={t.latency.errorCount(formats.number(now.errors))}
          change={
            against.count > 0 && now.count > 0
              ? shareChange(now.error_rate, against.error_rate)
              : ratioChange(undefined, undefined)
          }
          kind="errors"
          bad={now.errors > 0}
          wide
        />
      </dl>
      <p className="sr-only">{t.latency.versus}</p>
    </section>
  );
}

interface TileProps {
  name: string;
  label: string;
  value: string;
  note: string;
  change: Change;
  /** What a change is called, and whether more of it is worse. */
  kind: "latency" | "rate" | "errors";
  mark?: string;
  bad?: boolean;
  /** The last of five takes the place of two where the grid is even. */
  wide?: boolean;
}

function Tile({ name, label, value, note, change, kind, mark, bad, wide }: TileProps) {
  return (
    <div
      data-testid={`latency-tile-${name}`}
      className={cn("min-w-0 bg-surface px-3 py-3 lg:px-4", wide && "col-span-2 md:col-span-1")}
    >
      <dt className="flex items-center gap-1.5 text-[0.8125rem] text-ink-soft">
        {mark && <span aria-hidden className="h-2 w-3 rounded-full" style={{ background: mark }} />}
        {label}
      </dt>
      <dd
        className={cn(
          "mt-0.5 font-semibold text-xl tabular-nums tracking-tight",
          bad && "text-bad",
        )}
      >
        {value}
      </dd>
      <dd className="text-ink-faint text-xs tabular-nums">{note}</dd>
      <ChangeNote change={change} kind={kind} />
    </div>
  );
}

const ICONS = { more: ArrowUp, less: ArrowDown, same: Minus, unknown: null };

function ChangeNote({ change, kind }: Pick<TileProps, "change" | "kind">) {
  const { t, formats } = useTranslation();
  const Icon = ICONS[change.kind];
  const amount =
    kind === "errors"
      ? t.latency.points(formats.number(change.by * 100, { maximumFractionDigits: 1 }))
      : change.by >= 1 && change.kind === "more"
        ? `${formats.number(change.by + 1, { maximumFractionDigits: 1 })}×`
        : formats.number(change.by, { style: "percent" });
  const { slower, faster, more, less, ...fixed } = t.latency.change;
  const text =
    change.kind === "more"
      ? (kind === "latency" ? slower : more)(amount)
      : change.kind === "less"
        ? (kind === "latency" ? faster : less)(amount)
        : fixed[change.kind];
  return (
    <dd className={cn("mt-1 flex items-center gap-1 text-xs tabular-nums", toneOf(change, kind))}>
      {Icon && <Icon aria-hidden className="size-3.5 shrink-0" />}
      {text}
    </dd>
  );
}

function toneOf({ kind: change }: Change, kind: TileProps["kind"]): string {
  if (kind === "rate" || change === "same" || change === "unknown") return "text-ink-faint";
  return change === "more" ? "font-medium text-bad" : "font-medium text-good";
}
