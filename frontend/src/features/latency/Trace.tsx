import { cn } from "@/components/cn";
import type { LogEntry } from "@/core/api/types";
import { type Span, waterfallOf } from "@/core/latency/entries";
import { partsOf } from "@/core/latency/parts";
import { useTranslation } from "@/i18n";
import { problemMessage } from "@/i18n/errors";
import { PartsBar } from "./PartsBar";
import { useTrace } from "./useLatency";
import { useWords } from "./useWords";

/** Everything that one request caused, at the branch and at the server, on one line of time. */
export function Trace({ entry }: { entry: LogEntry }) {
  const { t } = useTranslation();
  const trace = useTrace(entry);
  const { spans, totalUs } = waterfallOf(trace.data?.length ? trace.data : [entry]);
  return (
    <section aria-label={t.latency.trace}>
      <h3 className="font-medium text-[0.8125rem]">{t.latency.trace}</h3>
      <p className="mb-2 text-ink-faint text-xs">
        {t.latency.traceText} · <code className="wrap-anywhere">{entry.trace_id}</code>
      </p>
      <ol className="grid gap-2.5">
        {spans.map((span) => (
          <TraceRow
            key={span.entry.id}
            span={span}
            totalUs={totalUs}
            isThis={span.entry.id === entry.id}
          />
        ))}
      </ol>
      {trace.isError && <p className="mt-2 text-bad text-xs">{problemMessage(trace.error, t)}</p>}
      {trace.data && trace.data.length < 2 && (
        <p className="mt-2 text-ink-faint text-xs">{t.latency.traceAlone}</p>
      )}
    </section>
  );
}

interface TraceRowProps {
  span: Span;
  totalUs: number;
  isThis: boolean;
}

function TraceRow({ span, totalUs, isThis }: TraceRowProps) {
  const { t } = useTranslation();
  const words = useWords();
  const { entry, offsetUs } = span;
  const all = Math.max(1, totalUs);
  return (
    <li data-testid="trace-row">
      <p className="mb-1 flex flex-wrap items-baseline gap-x-2 text-[0.8125rem]">
        <span className={cn("font-medium", isThis && "text-accent-ink")}>{entry.facade}</span>
        <span className="wrap-anywhere font-mono text-xs">
          {entry.method} {entry.route}
        </span>
        <span className="ml-auto tabular-nums">{words.latency(entry.latency_us)}</span>
        <span className="sr-only">{t.latency.traceAt(words.latency(offsetUs))}</span>
      </p>
      <div className="rounded-xs bg-sunken" style={{ paddingLeft: `${(100 * offsetUs) / all}%` }}>
        <PartsBar
          parts={partsOf(entry)}
          share={Math.min(1, entry.latency_us / Math.max(1, all - offsetUs))}
          className="h-3"
        />
      </div>
    </li>
  );
}
