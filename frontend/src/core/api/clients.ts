import type { ClientsView } from "../clientsView";
import * as lastSeen from "../lastSeen";
import { answered, clientFacade, HttpProblem } from "./http";
import type { Client, ClientContent, History, NewClient, Receipt, Write } from "./types";

export const PAGE_ITEMS = 100; // some five screens; answered in a few milliseconds

/** A part of the list, from any place of it. */
export interface ClientPage {
  clients: Client[];
  /** How many there are in the whole list; of a search at most COUNTED_MAX. */
  total: number;
  /** The position of the register at which this page was read. */
  position: string | null;
}

/** A search is counted up to this many. */
export const COUNTED_MAX = 100_000;

export type ClientLookup =
  | { state: "here"; client: Client }
  | { state: "deleted" }
  | { state: "unknown" };

/** Reads the page of a view that begins after `skip` clients. */
export async function readPage(
  { q, sort, order, sync }: ClientsView,
  skip: number,
  signal?: AbortSignal,
): Promise<ClientPage> {
  const query = {
    limit: PAGE_ITEMS,
    skip,
    sort,
    order,
    ...(q ? { q } : {}),
    ...(sync ? { sync } : {}),
  };
  const { body, response } = await answered(
    clientFacade.GET("/client", { params: { query }, ...(signal ? { signal } : {}) }),
  );
  const clients = body as Client[]; // without an id, and not the CSV
  if (skip === 0 && !q && !sync) void lastSeen.save(clients);
  return {
    clients,
    total: Number(response.headers.get("Clientela-Count") ?? clients.length),
    position: response.headers.get("Clientela-Version"),
  };
}

export async function readClient(id: string, signal?: AbortSignal): Promise<ClientLookup> {
  try {
    const { body } = await answered(
      clientFacade.GET("/client", { params: { query: { id } }, ...(signal ? { signal } : {}) }),
    );
    return { state: "here", client: body as Client }; // with an id it is one
  } catch (error) {
    if (error instanceof HttpProblem && error.status === 410) return { state: "deleted" };
    if (error instanceof HttpProblem && [400, 404, 422].includes(error.status)) {
      return { state: "unknown" };
    }
    throw error;
  }
}

export async function readHistory(id: string, signal: AbortSignal): Promise<History> {
  const params = { query: { id } };
  const { body } = await answered(clientFacade.GET("/client/history", { params, signal }));
  return body as History;
}

export interface Created {
  id: string;
  /** Kept here and sent when the server is back (202). */
  pending: boolean;
}

/** Creates a client; `key` makes a repetition of the same request harmless. */
export async function createClient(content: ClientContent, key: string): Promise<Created> {
  const filled = Object.entries(content).filter(([, value]) => value !== null);
  const { response } = await answered(
    clientFacade.POST("/client", {
      params: { header: { "Idempotency-Key": key } },
      body: Object.fromEntries(filled) as NewClient,
    }),
  );
  const location = response.headers.get("Location") ?? "";
  const id = new URLSearchParams(location.split("?")[1] ?? "").get("id") ?? key;
  return { id, pending: response.status === 202 };
}

/** A page that is being left may send this much (Fetch: 64 KiB), and hears no answer. */
const KEEPALIVE_BYTES_MAX = 60_000;

/** Sends one change of a client and gives the server's verdict on it. */
export async function sendWrite(write: Write): Promise<Receipt> {
  const [receipt] = await sendWrites([write]);
  if (!receipt) throw new HttpProblem(502, { detail: "No receipt was given." });
  return receipt;
}

/** Sends changes that are decided in this order; gives their receipts in the same order. */
export async function sendWrites(writes: Write[]): Promise<Receipt[]> {
  const keepalive = new Blob([JSON.stringify(writes)]).size <= KEEPALIVE_BYTES_MAX;
  // Its description is too narrow for a body of writes.
  const options = { body: writes as never, keepalive };
  const { body } = await answered(clientFacade.POST("/client/writes", options));
  return body as Receipt[];
}
