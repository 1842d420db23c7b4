import { useState } from "react";
import type { Grid } from "@/core/latency/grid";
import { useTranslation } from "@/i18n";
import { Pager } from "./Pager";
import { Td, Th } from "./table";
import { useWords } from "./useWords";

const ROWS = 10;
const BANDS_MAX = 4;

/** The heatmap's numbers, latest first, for those who cannot see it or want them exactly. */
export function HeatmapTable({ grid }: { grid: Grid }) {
  const { t, formats } = useTranslation();
  const words = useWords();
  const [turned, setTurned] = useState(0);
  const columns = [...grid.times.keys()].filter((column) => (grid.counts[column] ?? 0) > 0);
  columns.reverse();
  const start = turned < columns.length ? turned : 0;
  const bands = bandsOf(grid);
  const shown = columns.slice(start, start + ROWS);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section aria-label={t.latency.tableOf} tabIndex={0} className="overflow-x-auto">
        <table className="w-full">
          <caption className="sr-only">{t.latency.tableOf}</caption>
          <thead className="border-b">
            <tr>
              <Th>{t.latency.time}</Th>
              <Th className="max-sm:hidden">{t.latency.count}</Th>
              <Th className="max-sm:px-1">p50</Th>
              <Th className="max-sm:px-1">p95</Th>
              <Th className="max-sm:pr-4 max-sm:pl-1">p99</Th>
              {bands.map(({ upper }) => (
                <Th key={upper} className="max-md:hidden">
                  {t.latency.upTo(words.latency(upper))}
                </Th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y">
            {shown.map((column) => (
              <tr key={grid.times[column]}>
                <Th scope="row" className="whitespace-normal">
                  {words.moment(grid.times[column] ?? 0, grid)}
                  <span className="block sm:hidden">
                    {words.requests(grid.counts[column] ?? 0)}
                  </span>
                </Th>
                <Td className="max-sm:hidden">{formats.number(grid.counts[column] ?? 0)}</Td>
                <Td className="max-sm:px-1">{words.optional(grid.percentiles[column]?.p50)}</Td>
                <Td className="max-sm:px-1">{words.optional(grid.percentiles[column]?.p95)}</Td>
                <Td className="max-sm:pr-4 max-sm:pl-1">
                  {words.optional(grid.percentiles[column]?.p99)}
                </Td>
                {bands.map(({ upper, first, end }) => (
                  <Td key={upper} className="max-md:hidden">
                    {formats.number(inBand(grid, column, first, end))}
                  </Td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <Pager start={start} rows={ROWS} total={columns.length} onMove={setTurned} />
    </>
  );
}

/** Some rows each, so that few bands cover all latencies. */
function bandsOf({ edges }: Grid) {
  const rows = Math.max(0, edges.length - 1);
  const size = Math.max(1, Math.ceil(rows / BANDS_MAX));
  return Array.from({ length: Math.ceil(rows / size) }, (_, band) => {
    const end = Math.min(rows, (band + 1) * size);
    return { upper: edges[end] ?? 0, first: band * size, end };
  });
}

function inBand({ cells }: Grid, column: number, first: number, end: number): number {
  return (cells[column] ?? []).slice(first, end).reduce((sum, count) => sum + count, 0);
}
