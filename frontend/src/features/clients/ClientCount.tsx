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
  const isRead = list.isSuccess && !list.isPlaceholderData;
  const count = q ? (isRead ? list.clients.length : undefined) : report?.clients;
  if (count === undefined) return null;
  const n = formats.number(count);
  const text = q
    ? t.clients.results(n, list.hasNextPage, count === 1)
    : t.clients.count(n, count === 1);
  return (
    <p className="truncate text-ink-faint tabular-nums">
      <span className="max-sm:sr-only" aria-live={q ? "polite" : "off"}>
        {text}
      </span>
      <span aria-hidden className="sm:hidden">
        {q && list.hasNextPage ? `${n}+` : n}
      </span>
    </p>
  );
}
