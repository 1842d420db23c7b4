import {
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CloudOff,
  type LucideIcon,
  RefreshCw,
  Unplug,
} from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "@/components/cn";
import type { KnownFacade } from "@/core/api/types";
import { type Standing, standingOf } from "@/core/facades";
import { formatAge } from "@/core/format/age";
import { formatLatency } from "@/core/format/latency";
import { type Formats, useTranslation } from "@/i18n";

const looks: Record<Standing, { icon: LucideIcon; style: string }> = {
  gone: { icon: Unplug, style: "bg-bad-soft text-bad" },
  offline: { icon: CloudOff, style: "bg-bad-soft text-bad" },
  trouble: { icon: CircleAlert, style: "bg-bad-soft text-bad" },
  syncing: { icon: RefreshCw, style: "bg-warn-soft text-warn" },
  waiting: { icon: CircleDashed, style: "bg-warn-soft text-warn" },
  live: { icon: CircleCheck, style: "bg-good-soft text-good" },
};

const REPORTED_S = 300; // a report counts the requests of five minutes
const NOW_MS = 10_000; // facades report every 5 s

/** A row for each branch; on phones a card. */
export function FacadeTable({ facades }: { facades: KnownFacade[] }) {
  const { t } = useTranslation();
  const { name, state, lag, outbox, digest, latency, requests, release, seen } = t.overview;
  const columns = [name, state, lag, outbox, digest, latency, requests, release, seen];
  return (
    <table className="block w-full text-left lg:table lg:overflow-hidden lg:rounded-xl lg:bg-surface lg:ring-1 lg:ring-line">
      <thead className="sr-only lg:not-sr-only lg:table-header-group">
        <tr>
          {columns.map((label) => (
            <th
              key={label}
              scope="col"
              className="border-b px-3 py-2.5 font-medium text-ink-faint text-xs first:pl-5 last:pr-5"
            >
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="grid gap-3 lg:table-row-group">
        {facades.map((facade) => (
          <FacadeRow key={facade.name} facade={facade} />
        ))}
      </tbody>
    </table>
  );
}

function FacadeRow({ facade }: { facade: KnownFacade }) {
  const { t, formats } = useTranslation();
  const { outbox, digest, latency_us, lost } = facade;
  const standing = standingOf(facade);
  const soft = standing === "gone" ? "text-ink-faint" : "";
  return (
    <tr
      data-testid="facade-row"
      className="grid grid-cols-2 gap-x-4 gap-y-2.5 rounded-xl sm:grid-cols-4 border bg-surface p-4 lg:table-row lg:rounded-none lg:border-0 lg:bg-transparent lg:p-0"
    >
      <th
        scope="row"
        className="font-semibold [overflow-wrap:anywhere] lg:border-b lg:py-3 lg:pr-3 lg:pl-5 lg:in-[tr:last-child]:border-b-0"
      >
        {facade.name}
        <span className="block font-normal text-ink-faint text-xs tabular-nums">
          {t.clients.count(formats.number(facade.clients), facade.clients === 1)}
        </span>
      </th>
      <Cell className="justify-self-end sm:max-lg:col-start-4">
        <Chip standing={standing} />
      </Cell>
      <Cell label={t.overview.lag} className={soft}>
        {facade.lag_ms === null ? t.overview.unknown : formatMs(facade.lag_ms, formats)}
        {facade.behind !== null && facade.behind > 0 && (
          <Note>{t.overview.behind(formats.number(facade.behind), facade.behind === 1)}</Note>
        )}
      </Cell>
      <Cell label={t.overview.outbox} className={soft}>
        {formats.number(outbox.pending)}
        {outbox.oldest_age_ms !== null && outbox.pending > 0 && (
          <Note>{t.overview.oldest(formatAge(outbox.oldest_age_ms, formats.number))}</Note>
        )}
        {outbox.refused > 0 && (
          <Note bad>
            {t.overview.refused(formats.number(outbox.refused), outbox.refused === 1)}
          </Note>
        )}
        {lost > 0 && <Note bad>{t.overview.lost(formats.number(lost), lost === 1)}</Note>}
      </Cell>
      <Cell label={t.overview.digest} className={digest.state === "differs" ? "text-bad" : soft}>
        {t.overview.digests[digest.state]}
        {digest.at && <Note>{formats.time(new Date(digest.at))}</Note>}
      </Cell>
      <Cell label={t.overview.latency} className={soft}>
        {latency_us
          ? `${formatLatency(latency_us.p50, formats.number)} / ${formatLatency(latency_us.p99, formats.number)}`
          : t.fields.none}
      </Cell>
      <Cell label={t.overview.requests} className={soft}>
        {t.overview.perMinute(perMinute(facade.requests, formats))}
      </Cell>
      <Cell label={t.overview.release} className={soft}>
        {facade.release}
      </Cell>
      <Cell label={t.overview.seen} className="lg:pr-5">
        <time dateTime={facade.seen_at} title={formats.full(new Date(facade.seen_at))}>
          {facade.seen_age_ms < NOW_MS
            ? t.overview.now
            : t.overview.ago(formatAge(facade.seen_age_ms, formats.number))}
        </time>
      </Cell>
    </tr>
  );
}

interface CellProps {
  /** Said beside the value where there is no column heading. */
  label?: string;
  className?: string;
  children: ReactNode;
}

function Cell({ label, className, children }: CellProps) {
  return (
    <td
      className={cn(
        "align-top tabular-nums lg:border-b lg:px-3 lg:py-3 lg:in-[tr:last-child]:border-b-0",
        className,
      )}
    >
      {label && (
        <span aria-hidden className="block text-ink-faint text-xs lg:hidden">
          {label}
        </span>
      )}
      {children}
    </td>
  );
}

function Note({ bad, children }: { bad?: boolean; children: ReactNode }) {
  return (
    <span className={cn("block text-xs", bad ? "text-bad" : "text-ink-faint")}>{children}</span>
  );
}

function Chip({ standing }: { standing: Standing }) {
  const { t } = useTranslation();
  const { icon: Icon, style } = looks[standing];
  return (
    <span
      className={cn(
        "inline-flex items-center gap-1.5 whitespace-nowrap rounded-full px-2 py-0.5 font-medium text-[0.8125rem]",
        style,
      )}
    >
      <Icon aria-hidden className="size-3.5 shrink-0" />
      {t.overview.states[standing]}
    </span>
  );
}

/** A facade counts its lag in whole milliseconds. */
function formatMs(ms: number, { number }: Formats): string {
  return ms < 1_000 ? `${number(ms)} ms` : formatLatency(ms * 1_000, number);
}

function perMinute(requests: number, { number }: Formats): string {
  const rate = (requests * 60) / REPORTED_S;
  return number(rate, { maximumFractionDigits: rate < 10 ? 1 : 0 });
}
