import { useCallback, useMemo } from "react";
import { useLocation, useSearch } from "wouter";
import { formatView, type LogFilter, parseView, type View } from "@/core/latency/view";

/** What the page shows, and how to show something else; each step is one for the Back button. */
export function useView() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const view = useMemo(() => parseView(search), [search]);
  const show = useCallback(
    (change: Partial<View>) => {
      const query = formatView({ ...view, ...change });
      navigate(query ? `/latency?${query}` : "/latency");
    },
    [view, navigate],
  );
  const filterBy = useCallback(
    (change: { [N in keyof LogFilter]: LogFilter[N] | undefined }) => {
      const filter = Object.entries({ ...view.filter, ...change });
      show({ filter: Object.fromEntries(filter.filter(([, value]) => value !== undefined)) });
    },
    [view, show],
  );
  return { view, show, filterBy };
}

export type Show = ReturnType<typeof useView>["show"];
export type FilterBy = ReturnType<typeof useView>["filterBy"];
