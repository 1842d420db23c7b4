import { memo, useMemo } from "react";
import { Button } from "@/components/Button";
import { cn } from "@/components/cn";
import type { LogHeatmap } from "@/core/api/types";
import { gridOf } from "@/core/latency/grid";
import type { View } from "@/core/latency/view";
import { useTranslation } from "@/i18n";
import { Card } from "./Card";
import { heat, LINES } from "./drawHeatmap";
import { HeatmapCanvas } from "./HeatmapCanvas";
import { HeatmapTable } from "./HeatmapTable";
import { TargetForm } from "./TargetForm";
import type { Show } from "./useView";

const ROWS = 34; // of about eight pixels
const ROWS_PER_OCTAVE = [8, 4, 2, 1];

interface HeatmapProps {
  heatmap: LogHeatmap;
  view: View;
  show: Show;
}

export const Heatmap = memo(function Heatmap({ heatmap, view, show }: HeatmapProps) {
  const { t } = useTranslation();
  const finest = useMemo(() => gridOf(heatmap, heatmap.rows_per_octave), [heatmap]);
  const grid = useMemo(() => {
    const octaves = heatmap.bounds_us.length / heatmap.rows_per_octave;
    const rows = ROWS_PER_OCTAVE.find((each) => each * octaves <= ROWS) ?? 1;
    return gridOf(heatmap, Math.min(rows, heatmap.rows_per_octave));
  }, [heatmap]);
  return (
    <Card
      title={t.latency.heatmap}
      note={view.asTable ? undefined : t.latency.heatmapScale}
      action={
        <Button
          size="small"
          look="ghost"
          className="-mr-2.5 max-sm:-ml-2.5"
          onClick={() => show({ asTable: !view.asTable })}
        >
          {view.asTable ? t.latency.asChart : t.latency.asTable}
        </Button>
      }
    >
      {view.asTable ? (
        <HeatmapTable grid={gridOf(heatmap, 1)} />
      ) : (
        <>
          <HeatmapCanvas
            grid={grid}
            target={view.target}
            selection={view.selection}
            onSelect={(selection) => show({ selection })}
          />
          <Legend />
        </>
      )}
      <TargetForm
        key={view.target && `${view.target.percent} ${view.target.ms}`}
        target={view.target}
        grid={finest}
        onSet={(target) => show({ target })}
      />
    </Card>
  );
});

const STEPS = [1, 4, 16, 64];

function Legend() {
  const { t } = useTranslation();
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 px-4 pt-1 pb-3 text-ink-soft text-xs">
      <p>{t.latency.heatmapHint}</p>
      <p aria-hidden className="flex flex-wrap items-center gap-x-4 gap-y-1">
        {LINES.map((line) => (
          <span key={line} className="flex items-center gap-1.5">
            <span
              className={cn("w-5 border-t-2", line === "p95" && "border-dashed")}
              style={{ borderColor: `var(--${line})` }}
            />
            {line}
          </span>
        ))}
        <span className="flex items-center gap-1.5">
          {t.latency.fewer}
          <span className="flex gap-px">
            {STEPS.map((count) => (
              <span
                key={count}
                className="h-2.5 w-3"
                style={{ background: "var(--heat)", opacity: heat(count, 64) }}
              />
            ))}
          </span>
          {t.latency.moreRequests}
        </span>
      </p>
    </div>
  );
}
