import { cn } from "@/components/cn";
import type { LogGroup, LogSummary } from "@/core/api/types";
import { formatLatency } from "@/core/format/latency";
import { useTranslation } from "@/i18n";
import { Card } from "./Card";
import { Td, Th } from "./table";

interface RouteTableProps {
  summary: LogSummary | undefined;
  chosen: string | undefined;
  onChoose: (route: string) => void;
}

/** Where the time goes, the busiest route first. */
export function RouteTable({ summary, chosen, onChoose }: RouteTableProps) {
  const { t } = useTranslation();
  const groups = [...(summary?.groups ?? [])].sort((a, b) => b.count - a.count);
  return (
    <Card title={t.latency.byRoute}>
      <table className="w-full table-fixed">
        <thead className="border-b">
          <tr>
            <Th className="w-auto">{t.latency.route}</Th>
            <Th className="w-28 max-lg:hidden">{t.latency.share}</Th>
            <Th className="w-24 max-sm:hidden">{t.latency.count}</Th>
            <Th className="w-20 max-sm:hidden">{t.latency.errors}</Th>
            <Th className="w-19 sm:w-24">p50</Th>
            <Th className="w-24 max-sm:hidden">p95</Th>
            <Th className="w-21 sm:w-24">p99</Th>
            <Th className="w-24 max-md:hidden">{t.latency.max}</Th>
          </tr>
        </thead>
        <tbody className="divide-y">
          {groups.map((group) => (
            <RouteRow
              key={group.key}
              group={group}
              total={summary?.count ?? 0}
              chosen={group.key === chosen}
              onChoose={() => onChoose(group.key === chosen ? "" : group.key)}
            />
          ))}
        </tbody>
      </table>
    </Card>
  );
}

interface RouteRowProps {
  group: LogGroup;
  total: number;
  chosen: boolean;
  onChoose: () => void;
}

function RouteRow({ group, total, chosen, onChoose }: RouteRowProps) {
  const { t, formats } = useTranslation();
  const time = (us: number | undefined) =>
    us === undefined ? t.fields.none : formatLatency(us, formats.number);
  const share = total > 0 ? group.count / total : 0;
  const { latency_us: latency, errors } = group;
  return (
    <tr className={cn("relative hover:bg-hover", chosen && "bg-selected hover:bg-selected")}>
      <Td>
        <button
          type="button"
          aria-label={t.latency.routeFilter(group.key)}
          aria-pressed={chosen}
          onClick={onChoose}
          className="block w-full truncate text-left font-mono text-[0.8125rem] text-ink after:absolute after:inset-0"
        >
          {group.key}
        </button>
      </Td>
      <Td className="max-lg:hidden">
        <span className="flex items-center justify-end gap-2">
          <span aria-hidden className="h-1.5 w-12 overflow-hidden rounded-full bg-sunken">
            <span
              className="block h-full rounded-full bg-accent"
              style={{ width: `${share * 100}%` }}
            />
          </span>
          <span className="w-10">{formats.number(share, { style: "percent" })}</span>
        </span>
      </Td>
      <Td className="max-sm:hidden">{formats.number(group.count)}</Td>
      <Td className={cn("max-sm:hidden", errors > 0 && "font-medium text-bad")}>
        {formats.number(errors)}
      </Td>
      <Td>{time(latency?.p50)}</Td>
      <Td className="max-sm:hidden">{time(latency?.p95)}</Td>
      <Td>{time(latency?.p99)}</Td>
      <Td className="max-md:hidden">{time(latency?.max)}</Td>
    </tr>
  );
}
