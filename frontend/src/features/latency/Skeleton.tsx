import { useTranslation } from "@/i18n";

const TILES = ["p50", "p95", "p99", "rate", "errors"];

/** The page's outline while its first figures are read. */
export function Skeleton() {
  const { t } = useTranslation();
  return (
    <div className="grid gap-4">
      <p role="status" className="sr-only">
        {t.latency.loading}
      </p>
      <div className="grid grid-cols-2 gap-px overflow-hidden rounded-xl border bg-line md:grid-cols-5">
        {TILES.map((tile) => (
          <div key={tile} className="h-26 bg-surface px-4 py-3 last:max-md:col-span-2">
            <div className="h-3 w-12 rounded bg-sunken" />
            <div className="mt-3 h-5 w-20 rounded bg-sunken" />
          </div>
        ))}
      </div>
      <div className="h-96 rounded-xl border bg-surface" />
    </div>
  );
}
