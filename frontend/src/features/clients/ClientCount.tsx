import { COUNTED_MAX } from "@/core/api/clients";
import type { ClientsView } from "@/core/clientsView";
import { useTranslation } from "@/i18n";

interface ClientCountProps {
  view: ClientsView;
  /** Undefined until it has been counted. */
  total: number | undefined;
}

/** How many clients there are in this view. */
export function ClientCount({ view, total }: ClientCountProps) {
  const { t, formats } = useTranslation();
  if (total === undefined) return null;
  const n = formats.number(total);
  const narrowed = Boolean(view.q || view.sync);
  const more = Boolean(view.q) && total >= COUNTED_MAX;
  const text = narrowed ? t.clients.results(n, more, total === 1) : t.clients.count(n, total === 1);
  return (
    <p className="text-ink-faint tabular-nums">
      <span className="max-sm:sr-only" aria-live={narrowed ? "polite" : "off"}>
        {text}
      </span>
      <span aria-hidden className="sm:hidden">
        {more ? `${n}+` : n}
      </span>
    </p>
  );
}
