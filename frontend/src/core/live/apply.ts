import type { ClientPage } from "../api/clients";
import type { Change, Client } from "../api/types";

/**
 * Applies changes to the pages of a list, all in one pass. The list is ordered by id, descending,
 * and its pages are contiguous: a client beyond the last page read is left to the next reading.
 *
 * `matches` says whether new clients may join: whether one matches a search is the facade's to say.
 */
export function applyToPages(
  pages: ClientPage[],
  changes: Change[],
  matches: "all" | "searched",
): ClientPage[] {
  const latest = new Map(changes.map((change) => [change.key, change]));
  const seen = new Set<string>();
  const merged = pages.map((page) => mergePage(page, latest, seen));
  if (matches === "searched") return merged;
  const joining = [...latest.values()].filter(({ key }) => !seen.has(key));
  return joining.length > 0 ? insertAll(merged, joining) : merged;
}

function mergePage(page: ClientPage, latest: Map<string, Change>, seen: Set<string>): ClientPage {
  let touched = false;
  const clients = page.clients.flatMap((old) => {
    const change = latest.get(old.id);
    if (!change) return old;
    seen.add(old.id);
    const client = living(change);
    if (client && !isNewer(client, old)) return old;
    touched = true;
    return client ?? [];
  });
  return touched ? { ...page, clients } : page;
}

function insertAll(pages: ClientPage[], changes: Change[]): ClientPage[] {
  let waiting = changes;
  return pages.map((page) => {
    const last = page.clients.at(-1);
    const here = waiting.filter(
      ({ key }) => page.next === null || (last !== undefined && key > last.id),
    );
    waiting = waiting.filter((change) => !here.includes(change));
    const clients = here.filter((change) => isAfter(change, page.position)).flatMap(alive);
    if (clients.length === 0) return page;
    return { ...page, clients: [...page.clients, ...clients].sort(newestFirst) };
  });
}

const newestFirst = (a: Client, b: Client) => (a.id < b.id ? 1 : -1);
const alive = (change: Change) => living(change) ?? [];
const isAfter = (change: Change, position: string | null) =>
  position === null || change.headers.version > position;

/** The client as the change leaves it, or null when it is gone. */
export function living(change: Change): Client | null {
  if (change.headers.operation === "delete" || !change.value) return null;
  return { ...change.value, version: change.value.version ?? change.headers.version };
}

/** Positions sort as text. What has no version has not been accepted yet: anything is newer. */
export function isNewer(client: Client, than: Client): boolean {
  return than.version === null || (client.version ?? "") > than.version;
}
