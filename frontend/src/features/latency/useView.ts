import { useCallback, useMemo } from "react";
import { useLocation, useSearch } from "wouter";
import { formatView, type LogFilter, parseView, type View } from "@/core/latency/view";

const OPENED = "opened here"; // the step before this one is the page without the entry

/** What the page shows, and how to show something else; each step is one for the Back button. */
export function useView() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const view = useMemo(() => parseView(search), [search]);
  const show = useCallback(
    (change: Partial<View>, state: unknown = null) => {
      const query = formatView({ ...view, ...change });
      navigate(query ? `/latency?${query}` : "/latency", { state });
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
  const open = (entry: string) => show({ entry }, OPENED);
  const close = () => {
    if (history.state === OPENED) history.back();
    else show({ entry: null });
  };
  return { view, show, filterBy, open, close };
}

export type Show = ReturnType<typeof useView>["show"];
export type FilterBy = ReturnType<typeof useView>["filterBy"];
