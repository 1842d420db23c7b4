import * as lastSeen from "../lastSeen";
import { answered, clientFacade, HttpProblem, nextCursor } from "./http";
import type { Client, ClientContent, History, NewClient, Receipt, Write } from "./types";

const PAGE_ITEMS = 100; // some five screens; answered in a few milliseconds

export interface ClientPage {
  clients: Client[];
  /** Where the next page begins, or null at the end. */
  next: string | null;
  /** The position of the register at which this page was read. */
  position: string | null;
}

export type ClientLookup =
  | { state: "here"; client: Client }
  | { state: "deleted" }
  | { state: "unknown" };

/** Reads a page of those that match `q` (empty: of all), the newest first. */
export async function readPage(
  q: string,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<ClientPage> {
  const query = {
    limit: PAGE_ITEMS,
    order: "desc" as const,
    ...(q ? { q } : {}),
    ...(cursor ? { cursor } : {}),
  };
  const { body, response } = await answered(
    clientFacade.GET("/client", { params: { query }, ...(signal ? { signal } : {}) }),
  );
  const clients = body as Client[];
  if (!q && !cursor) void lastSeen.save(clients);
  return {
    clients,
    next: nextCursor(response),
    position: response.headers.get("Clientela-Version"),
  };
}

export async function readClient(id: string, signal?: AbortSignal): Promise<ClientLookup> {
  try {
    const { body } = await answered(
      clientFacade.GET("/client", { params: { query: { id } }, ...(signal ? { signal } : {}) }),
    );
    // With an id this route answers one client; its description can only say "clients".
    return { state: "here", client: body as unknown as Client };
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

/** Sends one change of a client and gives the server's verdict on it. */
export async function sendWrite(write: Write): Promise<Receipt> {
  const { body } = await answered(
    clientFacade.POST("/client/writes", { body: [write] as never }), // its description is too narrow
  );
  const [receipt] = body as Receipt[];
  if (!receipt) throw new HttpProblem(502, { detail: "No receipt was given." });
  return receipt;
}
