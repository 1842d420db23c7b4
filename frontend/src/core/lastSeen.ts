import type { Client } from "./api/types";
import { Database } from "./database";

/** What the list showed last, kept in this browser for a start without the facade. One entry. */

export const LAST_SEEN_ROWS_MAX = 200; // some ten screens; under 100 kB

/** What a line of the list tells: notes and the rest stay where they belong. */
export type SeenClient = Pick<Client, "id" | "name" | "document" | "phone" | "email">;

export interface LastSeen {
  clients: SeenClient[];
  /** When they were read, in milliseconds since 1970. */
  at: number;
}

const database = new Database("clientela.last-seen", ["page"]);

/** Keeps a first page of clients instead of the one before. Never fails: it is a convenience. */
export async function save(clients: readonly Client[], now = Date.now()): Promise<void> {
  const seen: LastSeen = { clients: clients.slice(0, LAST_SEEN_ROWS_MAX).map(shown), at: now };
  await database.put("page", "clients", seen).catch(() => {});
}

/** The page that was kept; null where there is none, or no way to keep one. */
export async function load(): Promise<LastSeen | null> {
  const found = await database.get<LastSeen>("page", "clients").catch(() => undefined);
  return found ?? null;
}

/** Takes clients out of it: they were erased. */
export async function forget(ids: readonly string[]): Promise<void> {
  const seen = await load();
  if (!seen?.clients.some(({ id }) => ids.includes(id))) return;
  const clients = seen.clients.filter(({ id }) => !ids.includes(id));
  await database.put("page", "clients", { ...seen, clients }).catch(() => {});
}

/** Forgets it: for whoever leaves a machine that others use. */
export async function clear(): Promise<void> {
  await database.clear("page").catch(() => {});
}

function shown({ id, name, document, phone, email }: Client): SeenClient {
  return { id, name, document, phone, email };
}
