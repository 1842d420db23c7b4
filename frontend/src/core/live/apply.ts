import type { ClientPage } from "../api/clients";
import type { Change, Client } from "../api/types";

/**
 * Brings the clients of a page up to what the feed has told. Who came or went moves all that
 * follow, on this page and others: that is left to the next reading.
 */
export function updated(page: ClientPage, changes: Change[]): ClientPage {
  const latest = new Map(changes.map((change) => [change.key, change]));
  let touched = false;
  const clients = page.clients.map((old) => {
    const change = latest.get(old.id);
    const client = change && living(change);
    if (!client || !isNewer(client, old)) return old;
    touched = true;
    return client;
  });
  return touched ? { ...page, clients } : page;
}

/** The client as the change leaves it, or null when it is gone. */
export function living(change: Change): Client | null {
  if (change.headers.operation === "delete" || !change.value) return null;
  return { ...change.value, version: change.value.version ?? change.headers.version };
}

/** Positions sort as text. What has no version has not been accepted yet: anything is newer. */
export function isNewer(client: Client, than: Client): boolean {
  return than.version === null || (client.version ?? "") > than.version;
}
