import type { QueryClient } from "@tanstack/react-query";
import { type ClientLookup, type ClientPage, PAGE_ITEMS, readPage } from "../api/clients";
import { syncQuery } from "../api/sync";
import type { Change } from "../api/types";
import { type ClientsView, searchOf } from "../clientsView";
import { forget, forgetMissed } from "../erased";
import { createStore } from "../store";
import { isNewer, living, updated } from "./apply";
import type { FeedStatus } from "./feed";
import { follow } from "./follow";
import { RecentChanges } from "./recent";

/** Keeps everything the pages have read about clients in step with the feed. */

export const keys = {
  lists: ["clients"] as const,
  view: (view: ClientsView) => ["clients", searchOf(view)] as const,
  page: (view: ClientsView, page: number) => [...keys.view(view), page] as const,
  client: (id: string) => ["client", id] as const,
  history: (id: string) => ["history", id] as const,
};

const RELOAD_MS_MIN = 300; // lists are read again at most this often while changes pour in
const FRESH_MS = 2_500; // how long a row that has just changed is marked

export const feedStatus = createStore<FeedStatus>("paused");
const recent = new RecentChanges();
const changedAt = new Map<string, number>();

/** Whether the client was changed by the feed just now. */
export function isFresh(id: string, now = Date.now()): boolean {
  return now - (changedAt.get(id) ?? 0) < FRESH_MS;
}

/** One page of a view: reads it, and brings it up to what the feed has told meanwhile. */
export function pageQuery(view: ClientsView, page: number) {
  return {
    queryKey: keys.page(view, page),
    queryFn: async ({ signal }: { signal: AbortSignal }): Promise<ClientPage> => {
      const read = await readPage(view, page * PAGE_ITEMS, signal);
      return updated(read, recent.after(read.position));
    },
  };
}

/** How many clients a view has without some that are not to be shown; undefined until it was read. */
export function shownTotal(
  cache: QueryClient,
  view: ClientsView,
  hidden: ReadonlySet<string>,
): number | undefined {
  const total = cache.getQueryData<ClientPage>(keys.page(view, 0))?.total;
  if (total === undefined || hidden.size === 0) return total;
  const pages = cache.getQueriesData<ClientPage>({ queryKey: keys.view(view) });
  const ids = new Set(pages.flatMap(([, page]) => page?.clients ?? []).map(({ id }) => id));
  return total - [...hidden].filter((id) => ids.has(id)).length;
}

/** Keeps `cache` in step with the feed, until the function that it gives is called. */
export function followChanges(cache: QueryClient): () => void {
  const reload = throttled(RELOAD_MS_MIN, () => reloadLists(cache));
  return follow<Change>("/client/changes", {
    onStart: (offset) => {
      catchUp(cache, offset);
      forgetMissed()
        .then((ids) => forgetErased(cache, ids))
        .catch(() => {}); // the next contact asks again
    },
    onStatus: feedStatus.set,
    onMessages: (changes) => {
      recent.add(changes);
      forgetErased(
        cache,
        changes.filter(isErasure).map(({ key }) => key),
      );
      const now = Date.now();
      for (const { key } of changes) changedAt.set(key, now);
      patchLists(cache, changes);
      for (const change of changes) patchClient(cache, change);
      reload();
    },
  });
}

function patchLists(cache: QueryClient, changes: Change[]): void {
  cache.setQueriesData<ClientPage>({ queryKey: keys.lists }, (page) =>
    page ? updated(page, changes) : page,
  );
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

/** What was erased is nowhere kept: not on pages that nobody looks at, and not in this browser. */
function forgetErased(cache: QueryClient, ids: readonly string[]): void {
  if (ids.length === 0) return;
  void forget(ids);
  recent.clear(ids);
  for (const id of ids) cache.removeQueries({ queryKey: keys.history(id), type: "inactive" });
  cache.removeQueries({ queryKey: keys.lists, type: "inactive" });
}

function isErasure({ headers }: Change): boolean {
  return headers.erased === true;
}

/** The feed begins at `offset`: whatever was read before that may lack what came between. */
function catchUp(cache: QueryClient, offset: string): void {
  recent.clear();
  void cache.invalidateQueries({
    queryKey: keys.lists,
    predicate: ({ state }) => {
      const position = (state.data as ClientPage | undefined)?.position;
      return position === undefined || position === null || position < offset;
    },
  });
  void cache.invalidateQueries({ queryKey: ["client"] });
  void cache.invalidateQueries({ queryKey: ["history"] });
}

/** Who came or went, or changed in what a view goes by, moves rows. */
function reloadLists(cache: QueryClient): void {
  void cache.invalidateQueries({ queryKey: keys.lists });
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
