import { Gauge, Pause, Play, TriangleAlert } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { Button } from "@/components/Button";
import { EmptyState } from "@/components/EmptyState";
import { Notice } from "@/components/Notice";
import { stepOf } from "@/core/api/logs";
import { useTranslation } from "@/i18n";
import { problemMessage } from "@/i18n/errors";
import { Card } from "./Card";
import { Filters } from "./Filters";
import { LogTable } from "./LogTable";
import { PercentileTable } from "./PercentileTable";
import { RouteTable } from "./RouteTable";
import { Tiles } from "./Tiles";
import { useSummary } from "./useLatency";
import { useLogFilter } from "./useLogFilter";

const PercentileChart = lazy(() => import("./PercentileChart"));

export default function LatencyPage() {
  const { t, formats } = useTranslation();
  const [live, setLive] = useState(true);
  const filters = useLogFilter();
  const overTime = useSummary(filters.filter, "time", live);
  const byRoute = useSummary(filters.filter, "route", live);
  const summary = overTime.data;
  useEffect(() => {
    document.title = `${t.latency.title} · Clientela`;
  }, [t]);

  return (
    <div className="h-full overflow-y-auto overflow-x-hidden">
      <div className="mx-auto grid max-w-[88rem] gap-4 px-3 py-4 sm:px-5 sm:py-5">
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
          <div className="min-w-0">
            <h1 className="font-semibold text-lg tracking-tight">{t.latency.title}</h1>
            <p className="text-ink-faint">{t.latency.subtitle}</p>
          </div>
          <LiveSwitch live={live} onSwitch={() => setLive(!live)} />
        </div>
        <Filters {...filters} routes={byRoute.data?.groups ?? []} />
        {overTime.isError && !overTime.data && (
          <EmptyState
            icon={TriangleAlert}
            title={t.latency.failed}
            text={problemMessage(overTime.error, t)}
          >
            <Button onClick={() => overTime.refetch()}>{t.app.retry}</Button>
          </EmptyState>
        )}
        {overTime.isError && summary && (
          <Notice tone="warn">
            {t.latency.failed} {problemMessage(overTime.error, t)}
          </Notice>
        )}
        {summary && <Tiles summary={summary} rangeS={filters.filter.rangeS} />}
        {summary && summary.dropped > 0 && (
          <Notice tone="warn">{t.latency.dropped(formats.number(summary.dropped))}</Notice>
        )}
        {summary?.count === 0 && (
          <Card>
            <EmptyState icon={Gauge} title={t.latency.emptyTitle} text={t.latency.emptyText} />
          </Card>
        )}
        {summary && summary.count > 0 && (
          <>
            <OverTime summary={summary} stepS={stepOf(filters.filter.rangeS)} />
            <RouteTable
              summary={byRoute.data}
              chosen={filters.filter.route}
              onChoose={(route) => filters.set("route", route)}
            />
            <LogTable filter={filters.filter} live={live} />
          </>
        )}
      </div>
    </div>
  );
}

function LiveSwitch({ live, onSwitch }: { live: boolean; onSwitch: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="flex items-center gap-2.5">
      <span className="flex items-center gap-1.5 text-[0.8125rem] text-ink-faint">
        <span
          aria-hidden
          className={`size-2 rounded-full ${live ? "bg-good" : "bg-line-strong"}`}
        />
        {live ? t.latency.live : t.latency.paused}
      </span>
      <Button size="small" onClick={onSwitch}>
        {live ? <Pause aria-hidden /> : <Play aria-hidden />}
        {live ? t.latency.pause : t.latency.resume}
      </Button>
    </div>
  );
}

type Summary = NonNullable<ReturnType<typeof useSummary>["data"]>;

function OverTime({ summary, stepS }: { summary: Summary; stepS: number }) {
  const { t } = useTranslation();
  const [table, setTable] = useState(false);
  return (
    <Card
      title={t.latency.chart}
      note={table ? undefined : t.latency.chartScale}
      action={
        <Button size="small" look="ghost" aria-pressed={table} onClick={() => setTable(!table)}>
          {table ? t.latency.asChart : t.latency.asTable}
        </Button>
      }
    >
      {table ? (
        <PercentileTable summary={summary} />
      ) : (
        <Suspense fallback={<div className="h-72" />}>
          <PercentileChart summary={summary} stepS={stepS} />
        </Suspense>
      )}
    </Card>
  );
}
