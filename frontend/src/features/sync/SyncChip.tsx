import {
  CircleCheck,
  CircleDashed,
  CloudOff,
  type LucideIcon,
  RefreshCw,
  Unplug,
} from "lucide-react";
import { Popover } from "radix-ui";
import { useSyncExternalStore } from "react";
import { Link } from "wouter";
import { cn } from "@/components/cn";
import type { SyncReport } from "@/core/api/types";
import { formatLatency, versionOf } from "@/core/format/latency";
import { feedStatus } from "@/core/live/clientCache";
import { type Dictionary, type Formats, useTranslation } from "@/i18n";
import { type SyncState, useSyncState } from "./useSyncState";

const looks: Record<SyncState, { icon: LucideIcon; style: string }> = {
  live: { icon: CircleCheck, style: "bg-good-soft text-good" },
  syncing: { icon: RefreshCw, style: "bg-warn-soft text-warn" },
  offline: { icon: CloudOff, style: "bg-bad-soft text-bad" },
  unreachable: { icon: Unplug, style: "bg-bad-soft text-bad" },
  waiting: { icon: CircleDashed, style: "bg-sunken text-ink-soft" },
};

/** How this branch stands with the server, with the particulars on demand. */
export function SyncChip() {
  const { t, formats } = useTranslation();
  const { state, report } = useSyncState();
  const { icon: Icon, style } = looks[state];
  const waiting = report ? report.outbox.pending + report.outbox.refused : 0;
  const name = t.sync.label(t.sync[state]);
  const label = waiting > 0 ? `${name}; ↑ ${formats.number(waiting)}` : name;
  return (
    <Popover.Root>
      <Popover.Trigger
        data-testid="sync-chip"
        data-state-name={state}
        aria-label={label}
        className={cn(
          "flex h-7 items-center gap-1.5 rounded-full px-2.5 font-medium text-[0.8125rem] transition-colors pointer-coarse:h-9",
          style,
        )}
      >
        <Icon aria-hidden className={cn("size-3.5", state === "syncing" && "animate-spin")} />
        {t.sync[state]}
        {waiting > 0 && <span className="tabular-nums">↑ {formats.number(waiting)}</span>}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          collisionPadding={8}
          aria-label={t.sync.label(t.sync[state])}
          className="z-40 w-[min(22rem,calc(100vw-1rem))] animate-pop rounded-xl border bg-raised p-4 shadow-float outline-none"
        >
          <p className="flex items-center gap-2 font-semibold">
            <Icon aria-hidden className={cn("size-4 rounded-full", style, "bg-transparent")} />
            {t.sync[state]}
          </p>
          <p className="mt-1 text-ink-soft">{explanation(state, t)}</p>
          {report && <Particulars report={report} known={state !== "unreachable"} />}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function explanation(state: SyncState, t: Dictionary): string {
  return t.sync[`${state}Text`];
}

function Particulars({ report, known }: { report: SyncReport; known: boolean }) {
  const { t, formats } = useTranslation();
  const feed = useSyncExternalStore(feedStatus.subscribe, feedStatus.get);
  const { outbox } = report;
  return (
    <dl className="mt-3 grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 border-t pt-3">
      <Line label={t.sync.branch}>{report.name}</Line>
      <Line label={t.sync.server}>{report.server ?? t.fields.none}</Line>
      <Line label={t.sync.version}>
        {position(report.version, formats.number) ?? t.fields.none}
      </Line>
      {known && <ServerVersion report={report} />}
      {known && (
        <Line label={t.sync.lag}>
          {report.lag_ms === null ? t.sync.lagUnknown : formatLag(report.lag_ms, formats)}
        </Line>
      )}
      <Digest digest={report.digest} />
      {report.digest.rows_repaired > 0 && (
        <Line label={t.sync.repaired}>{formats.number(report.digest.rows_repaired)}</Line>
      )}
      <Line label={t.sync.page}>{t.sync[feedTexts[feed]]}</Line>
      {outbox.pending + outbox.refused > 0 && (
        <Line label={t.sync.outbox}>
          <Popover.Close asChild>
            <Link
              href="/outbox"
              className="font-medium text-accent-ink underline underline-offset-2"
            >
              {t.sync.outboxCount(formats.number(outbox.pending), formats.number(outbox.refused))}
            </Link>
          </Popover.Close>
        </Line>
      )}
    </dl>
  );
}

const feedTexts = {
  live: "feedLive",
  connecting: "feedConnecting",
  reconnecting: "feedReconnecting",
  paused: "feedPaused",
} as const;

function ServerVersion({ report }: { report: SyncReport }) {
  const { t, formats } = useTranslation();
  const there = versionOf(report.server_version);
  const here = versionOf(report.version);
  const behind = there !== null && here !== null ? there - here : 0;
  return (
    <Line label={t.sync.serverVersion}>
      {there === null ? t.sync.serverUnknown : formats.number(there)}
      {there !== null && report.state === "offline" && ` (${t.sync.lastKnown})`}
      {behind > 0 && ` (${t.sync.behind(formats.number(behind))})`}
    </Line>
  );
}

/** The facade counts in whole milliseconds: less is not known. */
function formatLag(ms: number, { number }: Formats): string {
  return ms < 1_000 ? `${number(ms)} ms` : formatLatency(ms * 1_000, number);
}

function Digest({ digest }: { digest: SyncReport["digest"] }) {
  const { t, formats } = useTranslation();
  const texts = {
    agreed: t.sync.digestAgreed,
    checking: t.sync.digestChecking,
    differs: t.sync.digestDiffers,
    unknown: t.sync.digestUnknown,
  };
  const at = digest.at && t.sync.digestAt(formats.time(new Date(digest.at)));
  return (
    <Line label={t.sync.digest}>
      <span className={cn(digest.state === "differs" && "text-bad")}>{texts[digest.state]}</span>
      {at && <span className="text-ink-faint"> {at}</span>}
    </Line>
  );
}

function Line({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <>
      <dt className="text-ink-faint">{label}</dt>
      <dd className="min-w-0 break-words text-right tabular-nums">{children}</dd>
    </>
  );
}

function position(version: string | null, number: (value: number) => string): string | null {
  const value = versionOf(version);
  return value === null ? null : number(value);
}
