import { isPushed } from "../sync/pushed";
import { answered, clientFacade } from "./http";
import type { ClientContent, LostChange, Receipt, SyncReport } from "./types";

export const LOST_ITEMS = 20; // more than people decide about at once; the rest moves up

const REFRESH_MS = 3_000; // the facade knows within 10 s that its server is away

/** How this facade stands with its server. It is pushed; asked for only while the feed is down. */
export const syncQuery = {
  queryKey: ["sync"],
  queryFn: async ({ signal }: { signal: AbortSignal }) =>
    (await answered(clientFacade.GET("/sync", { signal }))).body as SyncReport,
  refetchInterval: () => (isPushed() ? false : REFRESH_MS),
  retry: false, // the next round is seconds away
} as const;

export async function readReceipt(write_id: string): Promise<Receipt> {
  const params = { path: { write_id } };
  return (await answered(clientFacade.GET("/client/writes/{write_id}", { params }))).body;
}

/** Sends a pending write now, or a refused one once more; gives the receipt so far. */
export async function retryWrite(write_id: string): Promise<Receipt> {
  const params = { path: { write_id } };
  return (await answered(clientFacade.POST("/client/writes/{write_id}/retry", { params }))).body;
}

/** Sends a refused write with this content, against what the register holds now. */
export async function editWrite(write_id: string, set: Partial<ClientContent>): Promise<Receipt> {
  const params = { path: { write_id } };
  const call = clientFacade.PUT("/client/writes/{write_id}", { params, body: { set } as never });
  return (await answered(call)).body;
}

/** Closes a refused write for good. */
export async function discardWrite(write_id: string): Promise<void> {
  const params = { path: { write_id } };
  await answered(clientFacade.DELETE("/client/writes/{write_id}", { params }));
}

/** The first of the changes that were held here and that the restored register has no more. */
export async function readLost(signal: AbortSignal): Promise<LostChange[]> {
  const params = { query: { limit: LOST_ITEMS } };
  const { body } = await answered(clientFacade.GET("/sync/lost", { params, signal }));
  return body as LostChange[];
}

/** Writes a lost change once more. */
export async function offerLost(write_id: string): Promise<Receipt> {
  const params = { path: { write_id } };
  return (await answered(clientFacade.POST("/sync/lost/{write_id}/offer", { params }))).body;
}

/** Lets a lost change go for good. */
export async function discardLost(write_id: string): Promise<void> {
  const params = { path: { write_id } };
  await answered(clientFacade.DELETE("/sync/lost/{write_id}", { params }));
}
