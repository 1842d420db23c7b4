import { useMemo } from "react";
import { Button } from "@/components/Button";
import { cn } from "@/components/cn";
import type { LogFilter } from "@/core/api/logs";
import type { LogEntry } from "@/core/api/types";
import { formatLatency } from "@/core/format/latency";
import { useTranslation } from "@/i18n";
import { Card } from "./Card";
import { Td, Th } from "./table";
import { useLog } from "./useLatency";

/** Single requests, the most recent first. */
export function LogTable({ filter, live }: { filter: LogFilter; live: boolean }) {
  const { t } = useTranslation();
  const log = useLog(filter, live);
  const pages = log.data?.pages ?? [];
  const entries = useMemo(() => log.data?.pages.flatMap((page) => page.entries) ?? [], [log.data]);
  const slowest = Math.max(1, ...entries.map(({ latency_us }) => latency_us));
  const held = live && pages.length > 1;
  return (
    <Card
      title={t.latency.log}
      note={held ? t.latency.logHeld : t.latency.logText}
      action={
        held && (
          <Button size="small" onClick={log.restart}>
            {t.latency.logBack}
          </Button>
        )
      }
    >
      <table className="w-full table-fixed">
        <thead className="border-b">
          <tr>
            <Th className="w-28 max-sm:hidden">{t.latency.time}</Th>
            <Th className="w-auto text-left max-sm:pl-4">{t.latency.route}</Th>
            <Th className="w-14 sm:w-20">{t.latency.status}</Th>
            <Th className="w-20 sm:w-28">{t.latency.duration}</Th>
            <Th className="w-56 text-left max-lg:hidden">{t.latency.parts}</Th>
            <Th className="w-24 max-md:hidden">{t.latency.bytes}</Th>
            <Th className="w-36 max-xl:hidden">{t.latency.trace}</Th>
          </tr>
        </thead>
        <tbody className="divide-y">
          {entries.map((entry) => (
            <LogRow key={entry.id} entry={entry} slowest={slowest} />
          ))}
        </tbody>
      </table>
      {log.hasNextPage && (
        <div className="flex justify-center border-t py-3">
          <Button
            busy={log.isFetchingNextPage}
            disabled={log.isFetchingNextPage}
            onClick={() => log.fetchNextPage()}
          >
            {t.latency.more}
          </Button>
        </div>
      )}
    </Card>
  );
}

function LogRow({ entry, slowest }: { entry: LogEntry; slowest: number }) {
  const { t, formats } = useTranslation();
  const { method, route, status, latency_us, error, trace_id } = entry;
  const time = <time dateTime={entry.time}>{formats.time(new Date(entry.time))}</time>;
  return (
    <tr data-testid="log-row">
      <Td className="text-ink-faint max-sm:hidden">{time}</Td>
      <Td
        className="truncate text-left font-mono text-[0.8125rem] max-sm:pl-4"
        title={error ?? `${method} ${route}`}
      >
        <span className="text-ink-faint">{method}</span> <span className="text-ink">{route}</span>
        <span className="block font-sans text-ink-faint text-xs sm:hidden">{time}</span>
      </Td>
      <Td>
        <span className={cn("font-medium", statusStyle(status))}>{status}</span>
      </Td>
      <Td className="text-ink">{formatLatency(latency_us, formats.number)}</Td>
      <Td className="text-left max-lg:hidden">
        <Parts entry={entry} slowest={slowest} />
      </Td>
      <Td className="max-md:hidden">{formats.bytes(entry.bytes)}</Td>
      <Td className="max-xl:hidden">
        <span
          className="block truncate font-mono text-ink-faint text-xs"
          title={trace_id ?? undefined}
        >
          {trace_id ?? t.fields.none}
        </span>
      </Td>
    </tr>
  );
}

const PART_COLORS: Record<string, string> = {
  db: "bg-p50",
  upstream: "bg-p95",
  wait: "bg-p99",
  queue: "bg-warn",
};

/** How long it took against the slowest on the page (as a square root), and what of it where. */
function Parts({ entry, slowest }: { entry: LogEntry; slowest: number }) {
  const { t, formats } = useTranslation();
  const parts = Object.entries(entry.parts ?? {}).filter(([, us]) => us > 0);
  const width = Math.max(2, 100 * Math.sqrt(entry.latency_us / slowest));
  const text = parts
    .map(([part, us]) => `${t.latency.part[part] ?? part} ${formatLatency(us, formats.number)}`)
    .join(", ");
  return (
    <span className="flex h-5 items-center" title={text || undefined}>
      <span
        className="flex h-2 overflow-hidden rounded-full bg-line-strong/40"
        style={{ width: `${width}%` }}
      >
        {parts.map(([part, us]) => (
          <span
            key={part}
            className={PART_COLORS[part] ?? "bg-accent"}
            style={{ width: `${(100 * us) / Math.max(entry.latency_us, 1)}%` }}
          />
        ))}
      </span>
      <span className="sr-only">{text || t.fields.none}</span>
    </span>
  );
}

function statusStyle(status: number): string {
  if (status >= 500) return "text-bad";
  return status >= 400 ? "text-warn" : "text-ink-soft";
}
