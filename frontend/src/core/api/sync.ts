import { answered, clientFacade } from "./http";

const REFRESH_MS = 3_000; // the facade knows within 10 s that its server is away

/** How this facade stands with its server; shared by the header and the pages. */
export const syncQuery = {
  queryKey: ["sync"],
  queryFn: async ({ signal }: { signal: AbortSignal }) =>
    (await answered(clientFacade.GET("/sync", { signal }))).body,
  refetchInterval: REFRESH_MS,
  retry: false, // the next round is seconds away
} as const;
