import { useQuery } from "@tanstack/react-query";
import { syncQuery } from "@/core/api/sync";
import { useTranslation } from "@/i18n";
import type { useClients } from "./useClients";

interface ClientCountProps {
  q: string;
  list: ReturnType<typeof useClients>;
}

/** How many clients there are; of a search, how many have been read so far. */
export function ClientCount({ q, list }: ClientCountProps) {
  const { t, formats } = useTranslation();
  const { data: report } = useQuery(syncQuery);
  const text = () => {
    if (q) {
      if (list.isPlaceholderData || !list.isSuccess) return "";
      const n = list.clients.length;
      return t.clients.results(formats.number(n), list.hasNextPage, n === 1);
    }
    if (!report) return "";
    return t.clients.count(formats.number(report.clients), report.clients === 1);
  };
  return (
    <p aria-live="polite" className="truncate text-ink-faint tabular-nums">
      {text()}
    </p>
  );
}
