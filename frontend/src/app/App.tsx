import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { Toaster } from "@/components/Toaster";
import { TranslationProvider } from "@/i18n";
import { ErrorBoundary } from "./ErrorBoundary";
import { useLiveFeed } from "./live";
import { Routes } from "./routes";
import { Shell } from "./Shell";
import { ThemeProvider } from "./theme";

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

export function App() {
  const [cache] = useState(newQueryClient);
  return (
    <QueryClientProvider client={cache}>
      <ThemeProvider>
        <TranslationProvider>
          <ErrorBoundary>
            <LiveFeed />
            <Shell>
              <Routes />
            </Shell>
            <Toaster />
          </ErrorBoundary>
        </TranslationProvider>
      </ThemeProvider>
    </QueryClientProvider>
  );
}

function LiveFeed() {
  useLiveFeed();
  return null;
}
