import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { type ClientLookup, type ClientPage, readPage } from "../api/clients";
import { syncQuery } from "../api/sync";
import type { Change } from "../api/types";
import { createStore } from "../store";
import { applyToPages, isNewer, living } from "./apply";
import { Feed, type FeedStatus } from "./feed";
import { RecentChanges } from "./recent";

/** Keeps everything the pages have read about clients in step with the feed. */

export const keys = {
  lists: ["clients"] as const,
  list: (q: string) => ["clients", q] as const,
  client: (id: string) => ["client", id] as const,
  history: (id: string) => ["history", id] as const,
};

const RELOAD_MS_MIN = 1_000; // searches are read again at most this often while changes pour in
const PAGES_RELOADED_MAX = 3; // of a long list only the top is read again after a gap
const FRESH_MS = 2_500; // how long a row that has just changed is marked

type List = InfiniteData<ClientPage, string | null>;

export const feedStatus = createStore<FeedStatus>("paused");
const recent = new RecentChanges();
const changedAt = new Map<string, number>();

/** Whether the client was changed by the feed just now. */
export function isFresh(id: string, now = Date.now()): boolean {
  return now - (changedAt.get(id) ?? 0) < FRESH_MS;
}

/** Reads a page and brings it up to what the feed has told while it was being read. */
export async function readLivePage(
  q: string,
  cursor: string | null,
  signal: AbortSignal,
): Promise<ClientPage> {
  const page = await readPage(q, cursor, signal);
  const top = page.clients[0]?.id ?? "";
  const missed = recent.after(page.position).filter(({ key }) => cursor === null || key <= top);
  return applyToPages([page], missed, q ? "searched" : "all")[0] ?? page;
}

/** Builds the feed that patches `cache`; it begins with `resume()`. */
export function connectFeed(cache: QueryClient): Feed {
  const reload = throttled(RELOAD_MS_MIN, () => reloadSearches(cache));
  const recount = throttled(RELOAD_MS_MIN, () =>
    cache.invalidateQueries({ queryKey: syncQuery.queryKey }),
  );
  const feed = new Feed({
    address: "/client/changes",
    onStart: (offset) => catchUp(cache, offset),
    onMessages: (messages) => {
      const changes = messages as Change[];
      recent.add(changes);
      const now = Date.now();
      for (const { key } of changes) changedAt.set(key, now);
      patchLists(cache, changes);
      for (const change of changes) patchClient(cache, change);
      reload();
      recount();
    },
  });
  feed.subscribe(() => feedStatus.set(feed.getStatus()));
  return feed;
}

function patchLists(cache: QueryClient, changes: Change[]): void {
  for (const { queryKey } of cache.getQueryCache().findAll({ queryKey: keys.lists })) {
    const matches = queryKey[1] ? "searched" : "all";
    cache.setQueryData<List>(queryKey, (list) => {
      if (!list) return list;
      return { ...list, pages: applyToPages(list.pages, changes, matches) };
    });
  }
}

function patchClient(cache: QueryClient, change: Change): void {
  const client = living(change);
  cache.setQueryData<ClientLookup>(keys.client(change.key), (known) => {
    if (!known) return known;
    if (!client) return { state: "deleted" };
    return known.state === "here" && !isNewer(client, known.client)
      ? known
      : { state: "here", client };
  });
  void cache.invalidateQueries({ queryKey: keys.history(change.key) });
}

/** The feed begins at `offset`: whatever was read before that may lack what came between. */
function catchUp(cache: QueryClient, offset: string): void {
  recent.clear();
  for (const { queryKey } of cache.getQueryCache().findAll({ queryKey: keys.lists })) {
    const pages = cache.getQueryData<List>(queryKey)?.pages;
    if (!pages || pages.every(({ position }) => position !== null && position >= offset)) continue;
    cache.setQueryData<List>(queryKey, (list) => list && shortened(list));
    void cache.invalidateQueries({ queryKey });
  }
  void cache.invalidateQueries({ queryKey: ["client"] });
  void cache.invalidateQueries({ queryKey: ["history"] });
}

function shortened({ pages, pageParams }: List): List {
  return {
    pages: pages.slice(0, PAGES_RELOADED_MAX),
    pageParams: pageParams.slice(0, PAGES_RELOADED_MAX),
  };
}

function reloadSearches(cache: QueryClient): void {
  void cache.invalidateQueries({
    queryKey: keys.lists,
    predicate: ({ queryKey }) => Boolean(queryKey[1]),
  });
}

/** Runs at once, then at most once per `ms`, never losing the last call. */
function throttled(ms: number, run: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let again = false;
  const rest = () => {
    timer = again ? setTimeout(rest, ms) : null;
    if (again) run();
    again = false;
  };
  return () => {
    if (timer) {
      again = true;
      return;
    }
    run();
    timer = setTimeout(rest, ms);
  };
}

/** After a write of our own: the feed brings it, unless it is down or the write waits here. */
export async function refreshAfterWrite(
  cache: QueryClient,
  id: string,
  pending: boolean,
): Promise<void> {
  if (pending) void cache.invalidateQueries({ queryKey: syncQuery.queryKey });
  if (pending || feedStatus.get() !== "live") {
    void cache.invalidateQueries({ queryKey: keys.lists });
  }
  void cache.invalidateQueries({ queryKey: keys.history(id) });
  await cache.invalidateQueries({ queryKey: keys.client(id) });
}

/** The outbox changed: what is shown over the register's own clients is to be read again. */
export function refreshOverlay(cache: QueryClient): void {
  void cache.invalidateQueries({ queryKey: keys.lists });
  void cache.invalidateQueries({ queryKey: ["client"] });
}
