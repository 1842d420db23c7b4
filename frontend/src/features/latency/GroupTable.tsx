import { useMemo, useState } from "react";
import { cn } from "@/components/cn";
import { Segmented } from "@/components/Segmented";
import type { ComparedGroup, LogComparison } from "@/core/api/types";
import { GROUPINGS, type View } from "@/core/latency/view";
import { useTranslation } from "@/i18n";
import { Card } from "./Card";
import { Pager } from "./Pager";
import { Sparkline } from "./Sparkline";
import { Td, Th } from "./table";
import { useSparks } from "./useLatency";
import type { FilterBy, Show } from "./useView";
import { useWords } from "./useWords";

const ROWS = 8;

interface GroupTableProps {
  comparison: LogComparison;
  view: View;
  show: Show;
  filterBy: FilterBy;
}

/** The window by route, branch or status, the busiest first; a click narrows the page down to one. */
export function GroupTable({ comparison, view, show, filterBy }: GroupTableProps) {
  const { t } = useTranslation();
  const [start, setStart] = useState(0);
  const groups = useMemo(
    () =>
      comparison.groups
        .filter(({ now }) => now.count > 0)
        .sort((a, b) => b.now.count - a.now.count),
    [comparison],
  );
  const shown = groups.slice(start, start + ROWS);
  const sparks = useSparks(
    view,
    shown.map(({ key }) => key),
  );
  const chosen = view.filter[view.by];
  return (
    <Card
      title={t.latency.groups}
      action={
        <Segmented
          label={t.latency.groupBy}
          value={view.by}
          options={GROUPINGS.map((by) => ({ value: by, label: t.latency.by[by] }))}
          onChange={(by) => show({ by })}
        />
      }
    >
      <table className="w-full table-fixed">
        <caption className="sr-only">{t.latency.groups}</caption>
        <thead className="border-b">
          <tr>
            <Th className="w-auto">{t.latency.by[view.by]}</Th>
            <Th className="w-32 max-md:hidden">{t.latency.spark}</Th>
            <Th className="w-24 max-sm:hidden">{t.latency.count}</Th>
            <Th className="w-16 max-sm:hidden">{t.latency.errors}</Th>
            <Th className="w-18 sm:w-20">p50</Th>
            <Th className="w-20 max-sm:hidden">p95</Th>
            <Th className="w-20">p99</Th>
          </tr>
        </thead>
        <tbody className="divide-y">
          {shown.map((group) => (
            <GroupRow
              key={group.key}
              group={group}
              spark={sparks[group.key] ?? []}
              chosen={group.key === chosen}
              onChoose={() => filterBy({ [view.by]: group.key === chosen ? undefined : group.key })}
            />
          ))}
        </tbody>
      </table>
      <Pager start={start} rows={ROWS} total={groups.length} onMove={setStart} />
    </Card>
  );
}

interface GroupRowProps {
  group: ComparedGroup;
  spark: (number | null)[];
  chosen: boolean;
  onChoose: () => void;
}

function GroupRow({ group, spark, chosen, onChoose }: GroupRowProps) {
  const { t, formats } = useTranslation();
  const words = useWords();
  const { latency_us: latency, errors, count } = group.now;
  return (
    <tr className={cn("relative hover:bg-hover", chosen && "bg-selected hover:bg-selected")}>
      <Td className="whitespace-normal">
        <button
          type="button"
          aria-label={t.latency.filterBy(group.key)}
          aria-pressed={chosen}
          onClick={onChoose}
          className="wrap-anywhere block w-full text-left font-mono text-[0.8125rem] text-ink after:absolute after:inset-0"
        >
          {group.key}
        </button>
      </Td>
      <Td className="py-1 max-md:hidden">
        <Sparkline values={spark} />
      </Td>
      <Td className="max-sm:hidden">{formats.number(count)}</Td>
      <Td className={cn("max-sm:hidden", errors > 0 && "font-medium text-bad")}>
        {formats.number(errors)}
      </Td>
      <Td>{words.optional(latency?.p50)}</Td>
      <Td className="max-sm:hidden">{words.optional(latency?.p95)}</Td>
      <Td>{words.optional(latency?.p99)}</Td>
    </tr>
  );
}
