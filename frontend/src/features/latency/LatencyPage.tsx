import { Gauge, TriangleAlert } from "lucide-react";
import { useEffect } from "react";
import "./latency.css";
import { Button } from "@/components/Button";
import { EmptyState } from "@/components/EmptyState";
import { Notice } from "@/components/Notice";
import { useTranslation } from "@/i18n";
import { problemMessage } from "@/i18n/errors";
import { Card } from "./Card";
import { Chips, SelectionChip } from "./Chips";
import { EntryDialog } from "./EntryDialog";
import { Filters } from "./Filters";
import { GroupTable } from "./GroupTable";
import { Heatmap } from "./Heatmap";
import { LiveSwitch } from "./LiveSwitch";
import { LogTable } from "./LogTable";
import { PartsCard } from "./PartsCard";
import { Skeleton } from "./Skeleton";
import { Tiles } from "./Tiles";
import { useComparison, useHeatmap, useLog, useRoutes } from "./useLatency";
import { useLive } from "./useLive";
import { useView } from "./useView";

export default function LatencyPage() {
  const { t, formats } = useTranslation();
  const { view, show, filterBy, open, close } = useView();
  const live = useLive(view);
  const comparison = useComparison(view);
  const heatmap = useHeatmap(view);
  const routes = useRoutes(view);
  const log = useLog(view, live);
  useEffect(() => {
    document.title = `${t.latency.title} · Clientela`;
  }, [t]);

  const figures = comparison.data;
  const failed = comparison.error ?? heatmap.error;
  const measured = figures !== undefined && figures.total.now.count > 0;
  const dropped = routes.data?.dropped ?? 0;
  const resume = () => {
    log.forgetEarlier();
    live.resume();
  };
  return (
    <div className="h-full overflow-y-auto overflow-x-hidden">
      <div className="mx-auto grid max-w-[88rem] grid-cols-1 gap-4 px-3 py-4 sm:px-5 sm:py-5">
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
          <div className="min-w-0">
            <h1 className="font-semibold text-lg tracking-tight">{t.latency.title}</h1>
            <p className="text-ink-faint">{t.latency.subtitle}</p>
          </div>
          <LiveSwitch live={live} waiting={log.waiting} onResume={resume} />
        </div>
        <Filters
          view={view}
          show={show}
          filterBy={filterBy}
          routes={routes.data?.groups?.map(({ key }) => key) ?? []}
        />
        <Chips view={view} show={show} filterBy={filterBy} />
        {failed && figures && (
          <Notice
            tone="warn"
            title={problemMessage(failed, t)}
            actions={
              <Button size="small" onClick={live.refresh}>
                {t.app.retry}
              </Button>
            }
          >
            {!live.fixed && t.latency.gone(formats.time(new Date(figures.to)))}
          </Notice>
        )}
        {dropped > 0 && <Notice tone="warn">{t.latency.dropped(formats.number(dropped))}</Notice>}
        {!figures && (failed ? <Failed error={failed} onRetry={live.refresh} /> : <Skeleton />)}
        {figures && <Tiles comparison={figures} />}
        {figures && !measured && log.entries.length === 0 && (
          <Card>
            <EmptyState icon={Gauge} title={t.latency.emptyTitle} text={t.latency.emptyText} />
          </Card>
        )}
        {heatmap.data && measured && <Heatmap heatmap={heatmap.data} view={view} show={show} />}
        {figures && view.selection && (
          <SelectionChip
            selection={view.selection}
            show={show}
            window={{ from: Date.parse(figures.from), to: Date.parse(figures.to) }}
          />
        )}
        {figures && measured && (
          <div className="grid items-start gap-4 xl:grid-cols-[3fr_2fr]">
            <GroupTable comparison={figures} view={view} show={show} filterBy={filterBy} />
            {log.entries.length > 0 && <PartsCard entries={log.entries} />}
          </div>
        )}
        {figures && (measured || log.entries.length > 0) && (
          <LogTable log={log} live={live} view={view} show={show} onOpen={open} />
        )}
      </div>
      {view.entry && <EntryDialog id={view.entry} known={log.entries} onClose={close} />}
    </div>
  );
}

function Failed({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <EmptyState icon={TriangleAlert} title={t.latency.failed} text={problemMessage(error, t)}>
      <Button onClick={onRetry}>{t.app.retry}</Button>
    </EmptyState>
  );
}
