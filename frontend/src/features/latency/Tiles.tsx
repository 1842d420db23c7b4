import { cn } from "@/components/cn";
import type { LogSummary } from "@/core/api/types";
import { formatLatency } from "@/core/format/latency";
import { useTranslation } from "@/i18n";

/** The figures of the range, large enough to be read from across the counter. */
export function Tiles({ summary, rangeS }: { summary: LogSummary; rangeS: number }) {
  const { t, formats } = useTranslation();
  const { latency_us: latency, count, errors } = summary;
  const time = (us: number | undefined) =>
    us === undefined ? t.fields.none : formatLatency(us, formats.number);
  const slower = (percent: number) => t.latency.slower(formats.percent(percent / 100));
  const rate = formats.number(count / rangeS, { maximumSignificantDigits: 3 });
  return (
    <dl
      aria-label={t.latency.figures}
      className="grid grid-cols-2 gap-px overflow-hidden rounded-xl border bg-line sm:grid-cols-4 xl:grid-cols-7"
    >
      <Tile
        name="count"
        label={t.latency.count}
        value={formats.number(count)}
        note={t.latency.perSecond(rate)}
      />
      <Tile
        name="errors"
        label={t.latency.errorRate}
        value={formats.percent(summary.error_rate)}
        note={t.latency.errorCount(formats.number(errors))}
        bad={errors > 0}
      />
      <Tile
        name="p50"
        label="p50"
        value={time(latency?.p50)}
        note={t.latency.median}
        mark="bg-p50"
      />
      <Tile name="p90" label="p90" value={time(latency?.p90)} note={slower(10)} />
      <Tile name="p95" label="p95" value={time(latency?.p95)} note={slower(5)} mark="bg-p95" />
      <Tile name="p99" label="p99" value={time(latency?.p99)} note={slower(1)} mark="bg-p99" />
      <Tile
        name="max"
        label={t.latency.max}
        value={time(latency?.max)}
        note={latency ? t.latency.mean(time(latency.mean)) : t.latency.worst}
        wide
      />
    </dl>
  );
}

interface TileProps {
  name: string;
  label: string;
  value: string;
  note: string;
  mark?: string;
  bad?: boolean;
  /** The last of seven takes the place of two where the grid is even. */
  wide?: boolean;
}

function Tile({ name, label, value, note, mark, bad, wide }: TileProps) {
  return (
    <div
      data-testid={`latency-tile-${name}`}
      className={cn("min-w-0 bg-surface px-4 py-3", wide && "col-span-2 xl:col-span-1")}
    >
      <dt className="flex items-center gap-1.5 text-[0.8125rem] text-ink-soft">
        {mark && <span aria-hidden className={cn("h-2 w-3 rounded-full", mark)} />}
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
      <dd className="truncate text-ink-faint text-xs tabular-nums">{note}</dd>
    </div>
  );
}
