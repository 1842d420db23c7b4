import { useState } from "react";
import { Button } from "@/components/Button";
import { cn } from "@/components/cn";
import type { View } from "@/core/latency/view";
import { secondsOf } from "@/core/latency/window";
import { useTranslation } from "@/i18n";
import { problemMessage } from "@/i18n/errors";
import { Card } from "./Card";
import { LogRow } from "./LogRow";
import { Pager } from "./Pager";
import { Th } from "./table";
import { type Log, windowOf } from "./useLatency";
import type { Live } from "./useLive";
import type { Show } from "./useView";

const ROWS = 15;

interface LogTableProps {
  log: Log;
  live: Live;
  view: View;
  show: Show;
  onOpen: (id: string) => void;
}

/** Single requests, the most recent first. Reading earlier ones holds the list still. */
export function LogTable({ log, live, view, show, onOpen }: LogTableProps) {
  const { t } = useTranslation();
  const [turned, setTurned] = useState(0);
  const still = live.paused || live.fixed;
  if (!still && turned > 0) setTurned(0);
  const start = still && turned < log.entries.length ? turned : 0;
  const shown = log.entries.slice(start, start + ROWS);
  const slowest = Math.max(1, ...shown.map(({ latency_us }) => latency_us));
  const dated = secondsOf(windowOf(view)) >= 86_400;
  const turn = (next: number) => {
    if (!live.fixed) live.pause();
    setTurned(next);
    if (next + ROWS > log.entries.length && log.hasNextPage) void log.fetchNextPage();
  };
  return (
    <Card
      title={t.latency.log}
      note={<span role="status">{view.selection ? t.latency.logSelected : t.latency.logText}</span>}
      action={
        view.filter.route === undefined && (
          <Button
            size="small"
            look="ghost"
            className="-mr-2.5 max-sm:-ml-2.5"
            onClick={() => show({ own: !view.own })}
          >
            {view.own ? t.latency.ownHide : t.latency.ownShow}
          </Button>
        )
      }
    >
      {shown.length === 0 ? (
        <Nothing log={log} onRetry={live.refresh} />
      ) : (
        <table className="w-full table-fixed">
          <caption className="sr-only">{t.latency.log}</caption>
          <thead className="border-b">
            <tr>
              <Th className={cn("max-sm:hidden", dated ? "w-40" : "w-28")}>{t.latency.time}</Th>
              <Th className="w-auto text-left max-sm:pl-4">{t.latency.route}</Th>
              <Th className="w-16 sm:w-20">{t.latency.status}</Th>
              <Th className="w-20 max-md:pr-4 sm:w-28">{t.latency.duration}</Th>
              <Th className="w-56 text-left max-lg:hidden">{t.latency.parts}</Th>
              <Th className="w-24 max-md:hidden">{t.latency.bytes}</Th>
            </tr>
          </thead>
          <tbody className="divide-y">
            {shown.map((entry) => (
              <LogRow
                key={entry.id}
                entry={entry}
                slowest={slowest}
                dated={dated}
                onOpen={onOpen}
              />
            ))}
          </tbody>
        </table>
      )}
      <Pager
        start={start}
        rows={ROWS}
        total={log.entries.length}
        hasMore={log.hasNextPage}
        busy={log.isFetchingNextPage}
        onMove={turn}
        note={still ? undefined : t.latency.earlierPauses}
      />
    </Card>
  );
}

function Nothing({ log, onRetry }: { log: Log; onRetry: () => void }) {
  const { t } = useTranslation();
  if (log.isPending) return <p className="px-4 pb-4 text-ink-faint">{t.latency.loading}</p>;
  if (!log.isError) return <p className="px-4 pb-4 text-ink-soft">{t.latency.logNone}</p>;
  return (
    <div role="alert" className="flex flex-wrap items-center gap-3 px-4 pb-4">
      <p className="text-bad">
        {t.latency.failed} {problemMessage(log.error, t)}
      </p>
      <Button size="small" onClick={onRetry}>
        {t.app.retry}
      </Button>
    </div>
  );
}
