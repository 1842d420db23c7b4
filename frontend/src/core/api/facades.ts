import { answered, clientFacade } from "./http";
import type { KnownFacade } from "./types";

const REFRESH_MS = 2_000; // facades report at once what changed, and every 5 s

/** All facades of the register, as the server knows them. */
export const facadesQuery = {
  queryKey: ["facades"],
  queryFn: async ({ signal }: { signal: AbortSignal }): Promise<KnownFacade[]> =>
    (await answered(clientFacade.GET("/facades", { signal }))).body,
  refetchInterval: REFRESH_MS,
  retry: false, // the next round is seconds away
} as const;
