import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { newQueryClient } from "@/app/queries";
import { Toaster } from "@/components/Toaster";
import { TranslationProvider } from "@/i18n";

/** Renders as the application does, with a cache of its own. */
export function renderPage(page: ReactNode) {
  const cache = newQueryClient();
  cache.setDefaultOptions({
    ...cache.getDefaultOptions(),
    queries: { ...cache.getDefaultOptions().queries, retry: false },
  });
  const view = render(
    <QueryClientProvider client={cache}>
      <TranslationProvider>
        {page}
        <Toaster />
      </TranslationProvider>
    </QueryClientProvider>,
  );
  return { cache, ...view };
}
