import { type ReactNode, useSyncExternalStore } from "react";
import type { SyncReport } from "@/core/api/types";
import { versionOf } from "@/core/format/latency";
import { feedStatus } from "@/core/live/clientCache";
import { useTranslation } from "@/i18n";
import { Age } from "./Age";
import type { SyncView } from "./useSyncState";

interface ParticularsProps {
  view: SyncView;
  /** Whether the branch answers: otherwise nothing is known of the server either. */
  known: boolean;
}

/** How far this copy is, where from, and how this page hears of it. */
export function Particulars({ view: { report, toldAt }, known }: ParticularsProps) {
  const { t, formats } = useTranslation();
  const feed = useSyncExternalStore(feedStatus.subscribe, feedStatus.get);
  if (!report) return null;
  const here = versionOf(report.version);
  const [scheme, host] = report.server.split(/(?<=\/\/)/);
  const { rows_repaired } = report.digest;
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5">
      <Line label={t.sync.branch}>{report.name}</Line>
      <Line label={t.sync.server}>
        {scheme}
        <wbr />
        {host}
      </Line>
      <Line label={t.sync.version}>{here === null ? t.fields.none : formats.number(here)}</Line>
      {known && <ServerVersion report={report} />}
      {known && (
        <Line label={t.sync.lag}>
          <InStep lagMs={report.lag_ms} toldAt={toldAt} />
        </Line>
      )}
      {rows_repaired > 0 && <Line label={t.sync.repaired}>{formats.number(rows_repaired)}</Line>}
      <Line label={t.sync.page}>{t.sync[feedTexts[feed]]}</Line>
    </dl>
  );
}

const feedTexts = {
  live: "feedLive",
  connecting: "feedConnecting",
  reconnecting: "feedReconnecting",
  paused: "feedPaused",
} as const;

/** When the server was last known to be no further than this copy. */
function InStep({ lagMs, toldAt }: { lagMs: number | null; toldAt: number }) {
  const { t } = useTranslation();
  if (lagMs === null) return t.sync.lagUnknown;
  if (lagMs === 0) return t.sync.lagNone;
  return <Age since={toldAt - lagMs} text={t.sync.ago} />;
}

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

function Line({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-faint">{label}</dt>
      <dd className="min-w-0 break-words text-right tabular-nums">{children}</dd>
    </>
  );
}
