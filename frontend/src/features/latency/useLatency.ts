import {
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { type LogFilter, readLogPage, readSummary } from "@/core/api/logs";

const REFRESH_MS = 2_000;

/** Figures over the range, by route or over time; they refresh while the page can be seen. */
export function useSummary(filter: LogFilter, by: "route" | "time", live: boolean) {
  return useQuery({
    queryKey: ["logs", "summary", by, filter],
    queryFn: ({ signal }) => readSummary(filter, by, Date.now(), signal),
    refetchInterval: live && REFRESH_MS,
    placeholderData: keepPreviousData,
    staleTime: REFRESH_MS,
  });
}

/** The entries. Once earlier ones were loaded the list holds still: nobody reads a moving text. */
export function useLog(filter: LogFilter, live: boolean) {
  const cache = useQueryClient();
  const queryKey = ["logs", "entries", filter];
  const log = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => readLogPage(filter, pageParam, Date.now(), signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: ({ state }) => live && (state.data?.pages.length ?? 0) <= 1 && REFRESH_MS,
    placeholderData: keepPreviousData,
    staleTime: REFRESH_MS,
  });
  return { ...log, restart: () => void cache.resetQueries({ queryKey }) };
}
