import { answered, clientFacade } from "./http";
import type { ClientContent, SyncReport } from "./types";

const REFRESH_MS = 3_000; // the facade knows within 10 s that its server is away

/** How this facade stands with its server; shared by the header and the pages. */
export const syncQuery = {
  queryKey: ["sync"],
  queryFn: async ({ signal }: { signal: AbortSignal }) =>
    (await answered(clientFacade.GET("/sync", { signal }))).body as SyncReport,
  refetchInterval: REFRESH_MS,
  retry: false, // the next round is seconds away
} as const;

/** Sends a pending write now, or a refused one once more. */
export async function retryWrite(write_id: string): Promise<void> {
  const params = { path: { write_id } };
  await answered(clientFacade.POST("/client/writes/{write_id}/retry", { params }));
}

/** Sends a refused write with this content, against what the register holds now. */
export async function editWrite(write_id: string, set: Partial<ClientContent>): Promise<void> {
  const params = { path: { write_id } };
  await answered(clientFacade.PUT("/client/writes/{write_id}", { params, body: { set } as never }));
}

/** Closes a refused write for good. */
export async function discardWrite(write_id: string): Promise<void> {
  const params = { path: { write_id } };
  await answered(clientFacade.DELETE("/client/writes/{write_id}", { params }));
}
