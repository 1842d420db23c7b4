import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/Button";
import { cn } from "@/components/cn";
import { Dialog } from "@/components/Dialog";
import type { LogEntry } from "@/core/api/types";
import { curlOf } from "@/core/latency/curl";
import { partsOf } from "@/core/latency/parts";
import { useTranslation } from "@/i18n";
import { problemMessage } from "@/i18n/errors";
import { statusStyle } from "./LogRow";
import { PartsBar } from "./PartsBar";
import { Trace } from "./Trace";
import { type Log, useEntry } from "./useLatency";
import { useWords } from "./useWords";

interface EntryDialogProps {
  id: string;
  known: Log["entries"];
  onClose: () => void;
}

/** One request: its figures, where its time went, its way through branch and server. */
export function EntryDialog({ id, known, onClose }: EntryDialogProps) {
  const { t, formats } = useTranslation();
  const found = useEntry(id, known);
  const entry = found.data;
  return (
    <Dialog
      open
      onClose={onClose}
      title={entry ? `${entry.method} ${entry.route}` : t.latency.entry}
      {...(entry ? { text: `${formats.full(new Date(entry.time))} · ${entry.facade}` } : {})}
      className="sm:w-[44rem] sm:max-w-[calc(100vw-2rem)]"
    >
      <div data-testid="log-entry" className="grid gap-5 overflow-y-auto px-5 py-4">
        {entry && (
          <>
            <Figures entry={entry} />
            <Parts entry={entry} />
            <Trace entry={entry} />
            <CopyCurl entry={entry} />
          </>
        )}
        {found.isPending && <p className="text-ink-faint">{t.latency.loading}</p>}
        {found.isError && !entry && <p className="text-bad">{problemMessage(found.error, t)}</p>}
        {entry === null && <p className="text-ink-soft">{t.latency.entryGone}</p>}
      </div>
    </Dialog>
  );
}

function Figures({ entry }: { entry: LogEntry }) {
  const { t, formats } = useTranslation();
  const words = useWords();
  const { lag_ms: lag, outbox, error } = entry;
  const figures: [label: string, value: string, style?: string][] = [
    [t.latency.status, String(entry.status), statusStyle(entry.status)],
    [t.latency.duration, words.latency(entry.latency_us)],
    [t.latency.bytes, formats.bytes(entry.bytes)],
    ...(lag === null ? [] : ([[t.latency.lag, `${formats.number(lag)} ms`]] as [string, string][])),
    ...(outbox ? ([[t.latency.outbox, formats.number(outbox)]] as [string, string][]) : []),
    ...(error ? ([[t.latency.error, error, "text-bad"]] as [string, string, string][]) : []),
  ];
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-2">
      {figures.map(([label, value, style]) => (
        <div key={label}>
          <dt className="text-ink-faint text-xs">{label}</dt>
          <dd className={cn("font-semibold text-base tabular-nums", style)}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Parts({ entry }: { entry: LogEntry }) {
  const { t, formats } = useTranslation();
  const words = useWords();
  const parts = partsOf(entry);
  if (parts.length === 0) return null;
  return (
    <section aria-label={t.latency.parts}>
      <h3 className="mb-2 font-medium text-[0.8125rem]">{t.latency.parts}</h3>
      <PartsBar parts={parts} share={1} className="h-3" />
      <dl className="mt-2 grid gap-x-6 sm:grid-cols-2">
        {parts.map(({ name, us }) => (
          <div key={name} className="flex items-center gap-2 py-0.5 text-[0.8125rem]">
            <dt className="flex items-center gap-2">
              <span
                aria-hidden
                className="size-2.5 rounded-xs"
                style={{ background: `var(--part-${name})` }}
              />
              {t.latency.part[name]}
            </dt>
            <dd className="ml-auto tabular-nums">{words.latency(us)}</dd>
            <dd className="w-12 text-right text-ink-faint tabular-nums">
              {formats.number(us / Math.max(1, entry.latency_us), { style: "percent" })}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function CopyCurl({ entry }: { entry: LogEntry }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const command = curlOf(entry, location.origin);
  const copy = () =>
    navigator.clipboard.writeText(command).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <section aria-label="curl" className="grid gap-2">
      <pre className="wrap-anywhere whitespace-pre-wrap rounded-lg bg-sunken px-3 py-2 font-mono text-xs">
        {command}
      </pre>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        {navigator.clipboard && (
          <Button size="small" onClick={copy}>
            {copied ? <Check aria-hidden className="text-good" /> : <Copy aria-hidden />}
            {copied ? t.app.copied : t.latency.curl}
          </Button>
        )}
        <p className="text-ink-faint text-xs">{t.latency.curlText}</p>
      </div>
    </section>
  );
}
