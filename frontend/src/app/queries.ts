import { QueryClient } from "@tanstack/react-query";

/** The feed keeps what was read in step, so nothing is read again merely because time passed. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        networkMode: "always", // the facade may be on this very machine
        retry: 1,
        retryDelay: 500,
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
}
