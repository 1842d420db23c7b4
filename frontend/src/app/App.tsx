import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { Toaster } from "@/components/Toaster";
import { OfflineStart } from "@/features/offline/OfflineStart";
import { TranslationProvider } from "@/i18n";
import { ErrorBoundary } from "./ErrorBoundary";
import { Gate } from "./Gate";
import { useLiveFeed, useLiveOutbox } from "./live";
import { newQueryClient } from "./queries";
import { Routes } from "./routes";
import { Shell } from "./Shell";
import { ThemeProvider } from "./theme";

export function App() {
  const [cache] = useState(newQueryClient);
  return (
    <QueryClientProvider client={cache}>
      <ThemeProvider>
        <TranslationProvider>
          <ErrorBoundary>
            <Gate>
              <LiveFeed />
              <Shell>
                <OfflineStart>
                  <Routes />
                </OfflineStart>
              </Shell>
            </Gate>
            <Toaster />
          </ErrorBoundary>
        </TranslationProvider>
      </ThemeProvider>
    </QueryClientProvider>
  );
}

function LiveFeed() {
  useLiveFeed();
  useLiveOutbox();
  return null;
}
