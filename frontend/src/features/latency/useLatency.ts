import {
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useMemo } from "react";
import {
  readComparison,
  readEntry,
  readHeatmap,
  readLogPage,
  readRoutes,
  readSeries,
  readTrace,
} from "@/core/api/logs";
import type { LogEntry } from "@/core/api/types";
import { isTraffic, matches, merged } from "@/core/latency/entries";
import type { LogFilter, View } from "@/core/latency/view";
import { sparkStep, type Window, windowEnding } from "@/core/latency/window";
import type { Live } from "./useLive";

/** What is read again whenever there was traffic. */
export const LIVE_KEY = ["logs", "live"];

const SELDOM_MS = 60_000; // for what changes slowly, or takes a request per row

type Span = Pick<View, "range" | "zoom">;

/** The window of this moment; a range ends whenever it is read. */
export function windowOf({ range, zoom }: Span): Window {
  return zoom ?? windowEnding(range, Date.now());
}

function keyOf({ range, zoom }: Span) {
  return zoom ?? range;
}

function seldom({ zoom }: Span) {
  return zoom ? {} : { refetchInterval: SELDOM_MS, staleTime: SELDOM_MS };
}

/** The figures of the window beside those of the window before. */
export function useComparison(view: View) {
  return useQuery({
    queryKey: [...LIVE_KEY, "compare", view.filter, view.by, keyOf(view)],
    queryFn: ({ signal }) => readComparison(view.filter, windowOf(view), view.by, signal),
    placeholderData: keepPreviousData,
  });
}

export function useHeatmap(view: View) {
  return useQuery({
    queryKey: [...LIVE_KEY, "heatmap", view.filter, keyOf(view)],
    queryFn: ({ signal }) => readHeatmap(view.filter, windowOf(view), signal),
    placeholderData: keepPreviousData,
  });
}

/** All routes that were asked for, whatever the filters. */
export function useRoutes(view: View) {
  return useQuery({
    queryKey: ["logs", "routes", keyOf(view)],
    queryFn: ({ signal }) => readRoutes(windowOf(view), signal),
    placeholderData: keepPreviousData,
    ...seldom(view),
  });
}

type Spark = (number | null)[];

/** The p95 over time of each group. One is read after another: looking must not weigh on what is seen. */
export function useSparks(view: View, keys: string[]): Record<string, Spark> {
  const cache = useQueryClient();
  const { data } = useQuery({
    queryKey: ["logs", "sparks", view.filter, view.by, keys, keyOf(view)],
    queryFn: async () => {
      const sparks: Record<string, Spark> = {};
      for (const key of keys) sparks[key] = await cache.fetchQuery(sparkOf(view, key));
      return sparks;
    },
    placeholderData: keepPreviousData,
    ...seldom(view),
  });
  return data ?? {};
}

function sparkOf(view: View, key: string) {
  return {
    queryKey: ["logs", "spark", view.filter, view.by, key, keyOf(view)],
    queryFn: async ({ signal }: { signal: AbortSignal }): Promise<Spark> => {
      const window = windowOf(view);
      const filter: LogFilter = { ...view.filter, [view.by]: key };
      const { groups = [] } = await readSeries(filter, window, sparkStep(window), signal);
      return groups.map(({ latency_us }) => latency_us?.p95 ?? null);
    },
    staleTime: SELDOM_MS - 1, // so that each round of the sparks reads it again
  };
}

/** Single requests, newest first: those that were read, and those that came since by the tail. */
export function useLog(view: View, live: Live) {
  const { filter, selection } = view;
  const cache = useQueryClient();
  const queryKey = [...LIVE_KEY, "entries", filter, selection, keyOf(view)];
  const log = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      readLogPage(filter, windowOf(view), selection, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
  const { data, dataUpdatedAt } = log;
  const all = view.own || filter.route !== undefined;
  const entries = useMemo(() => {
    const wanted = (entry: LogEntry) => all || isTraffic(entry);
    const read = data?.pages.flatMap((page) => page.entries) ?? [];
    if (live.fixed) return read.filter(wanted);
    const { from } = windowEnding(view.range, dataUpdatedAt);
    const window = {
      from,
      to: Number.POSITIVE_INFINITY,
      minUs: 0,
      maxUs: Number.POSITIVE_INFINITY,
    };
    const came = live.entries.filter((entry) => matches(entry, filter, selection ?? window));
    return merged(came, read).filter(wanted);
  }, [data, dataUpdatedAt, live.entries, live.fixed, filter, selection, all, view.range]);
  const waiting = useMemo(() => {
    const shown = new Set(entries.map(({ id }) => id)); // read meanwhile, or before the tail told
    const held = live.held.filter((entry) => !shown.has(entry.id));
    const wanted = held.filter((entry) => all || isTraffic(entry));
    return wanted.filter((entry) => matches(entry, filter, selection)).length;
  }, [live.held, entries, filter, selection, all]);
  /** Forgets the earlier pages, which would all be read again. */
  const forgetEarlier = () =>
    cache.setQueryData<typeof data>(
      queryKey,
      (known) =>
        known && { pages: known.pages.slice(0, 1), pageParams: known.pageParams.slice(0, 1) },
    );
  return { ...log, entries, waiting, forgetEarlier };
}

export type Log = ReturnType<typeof useLog>;

export function useEntry(id: string, known: Log["entries"]) {
  const here = known.find((entry) => entry.id === id);
  return useQuery({
    queryKey: ["logs", "entry", id],
    queryFn: ({ signal }) => readEntry(id, signal),
    ...(here ? { initialData: here } : {}),
  });
}

const TRACE_ROUNDS = 3; // the server's part may be written a moment later

export function useTrace({ trace_id, parts }: LogEntry) {
  return useQuery({
    queryKey: ["logs", "trace", trace_id],
    queryFn: ({ signal }) => readTrace(trace_id, signal),
    gcTime: 0,
    refetchInterval: ({ state }) =>
      parts.upstream !== undefined &&
      (state.data?.length ?? 0) < 2 &&
      state.dataUpdateCount < TRACE_ROUNDS &&
      1_000,
  });
}
