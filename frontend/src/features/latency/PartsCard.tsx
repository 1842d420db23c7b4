import { useMemo } from "react";
import type { LogEntry } from "@/core/api/types";
import { PARTS, partsByRoute } from "@/core/latency/parts";
import { useTranslation } from "@/i18n";
import { Card } from "./Card";
import { PartsBar, PartsLegend } from "./PartsBar";
import { useWords } from "./useWords";

const ROUTES_MAX = 8;

/** Where the mean request of each route spends its time, as far as single requests are at hand. */
export function PartsCard({ entries }: { entries: LogEntry[] }) {
  const { t } = useTranslation();
  const words = useWords();
  const routes = useMemo(() => partsByRoute(entries).slice(0, ROUTES_MAX), [entries]);
  const slowest = Math.max(...routes.map(({ meanUs }) => meanUs));
  const present = new Set(routes.flatMap(({ parts }) => parts.map(({ name }) => name)));
  return (
    <Card title={t.latency.parts} note={t.latency.partsOf(words.requests(entries.length))}>
      <ul className="grid gap-2.5 px-4 pb-3">
        {routes.map(({ route, count, meanUs, parts }) => (
          <li key={route}>
            <p className="mb-1 flex flex-wrap items-baseline gap-x-2 text-[0.8125rem]">
              <span className="wrap-anywhere font-mono">{route}</span>
              <span className="text-ink-faint text-xs tabular-nums">{words.requests(count)}</span>
              <span className="ml-auto tabular-nums">{words.latency(meanUs)}</span>
            </p>
            <PartsBar parts={parts} share={meanUs / slowest} className="h-3" />
          </li>
        ))}
      </ul>
      <div className="border-t px-4 py-2.5">
        <PartsLegend names={[...PARTS, "other" as const].filter((name) => present.has(name))} />
      </div>
    </Card>
  );
}
