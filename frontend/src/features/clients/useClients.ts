import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { ClientPage } from "@/core/api/clients";
import { keys, readLivePage } from "@/core/live/clientCache";

/** The clients that match `q` (all, when it is empty), page by page, kept live by the feed. */
export function useClients(q: string) {
  const query = useInfiniteQuery({
    queryKey: keys.list(q),
    queryFn: ({ pageParam, signal }): Promise<ClientPage> => readLivePage(q, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
  const clients = useMemo(
    () => query.data?.pages.flatMap((page) => page.clients) ?? [],
    [query.data],
  );
  return { ...query, clients };
}
