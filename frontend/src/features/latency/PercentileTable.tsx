import type { LogSummary } from "@/core/api/types";
import { formatLatency } from "@/core/format/latency";
import { useTranslation } from "@/i18n";
import { Td, Th } from "./table";

/** The chart's numbers, latest first, for those who cannot see it or want them exactly. */
export function PercentileTable({ summary }: { summary: LogSummary }) {
  const { t, formats } = useTranslation();
  const groups = (summary.groups ?? []).filter(({ count }) => count > 0).reverse();
  const time = (us: number | undefined) =>
    us === undefined ? t.fields.none : formatLatency(us, formats.number);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section aria-label={t.latency.chartTable} tabIndex={0} className="max-h-80 overflow-auto">
      <table className="w-full">
        <caption className="sr-only">{t.latency.chart}</caption>
        <thead className="sticky top-0 bg-surface">
          <tr>
            <Th>{t.latency.time}</Th>
            <Th className="max-sm:hidden">{t.latency.count}</Th>
            <Th>p50</Th>
            <Th>p95</Th>
            <Th>p99</Th>
          </tr>
        </thead>
        <tbody className="divide-y">
          {groups.map(({ key, count, latency_us }) => (
            <tr key={key}>
              <Td>{formats.time(new Date(key))}</Td>
              <Td className="max-sm:hidden">{formats.number(count)}</Td>
              <Td>{time(latency_us?.p50)}</Td>
              <Td>{time(latency_us?.p95)}</Td>
              <Td>{time(latency_us?.p99)}</Td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
