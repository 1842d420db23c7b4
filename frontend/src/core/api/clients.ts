import { HttpProblem, nextPage, query, send, sendForJson } from "./http";
import type { Client, ClientContent, History, Receipt, Write } from "./types";

const PAGE_ITEMS = 100; // some five screens; answered in a few milliseconds

export interface ClientPage {
  clients: Client[];
  next: string | null;
  /** The position of the register at which this page was read. */
  position: string | null;
}

export type ClientLookup =
  | { state: "here"; client: Client }
  | { state: "deleted" }
  | { state: "unknown" };

/** The first page for a search (empty: all clients, the newest first). */
export function firstPage(q: string): string {
  return `/client${query({ q, limit: PAGE_ITEMS, order: "desc" })}`;
}

export async function readPage(address: string, signal?: AbortSignal): Promise<ClientPage> {
  const response = await send(address, { signal });
  return {
    clients: (await response.json()) as Client[],
    next: nextPage(response),
    position: response.headers.get("Clientela-Version"),
  };
}

export async function readClient(id: string, signal?: AbortSignal): Promise<ClientLookup> {
  try {
    const client = await sendForJson<Client>(`/client${query({ id })}`, { signal });
    return { state: "here", client };
  } catch (error) {
    if (error instanceof HttpProblem && error.status === 410) return { state: "deleted" };
    if (error instanceof HttpProblem && [400, 404, 422].includes(error.status)) {
      return { state: "unknown" };
    }
    throw error;
  }
}

export function readHistory(id: string, signal?: AbortSignal): Promise<History> {
  return sendForJson<History>(`/client/history${query({ id })}`, { signal });
}

export interface Created {
  id: string;
  /** Kept here and sent when the server is back (202). */
  pending: boolean;
}

/** Creates a client; `key` makes a repetition of the same request harmless. */
export async function createClient(content: ClientContent, key: string): Promise<Created> {
  const body = Object.fromEntries(Object.entries(content).filter(([, value]) => value !== null));
  const response = await send("/client", {
    method: "POST",
    body,
    headers: { "Idempotency-Key": key },
  });
  const location = response.headers.get("Location") ?? "";
  const id = new URLSearchParams(location.split("?")[1] ?? "").get("id") ?? key;
  return { id, pending: response.status === 202 };
}

/** Sends one change of a client and gives the server's verdict on it. */
export async function sendWrite(write: Write): Promise<Receipt> {
  const receipts = await sendForJson<Receipt[]>("/client/writes", {
    method: "POST",
    body: [write],
  });
  const receipt = receipts[0];
  if (!receipt) throw new HttpProblem(502, { detail: "No receipt was given." }, null);
  return receipt;
}
