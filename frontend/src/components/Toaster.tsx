import { CircleCheck, X } from "lucide-react";
import { useEffect, useSyncExternalStore } from "react";
import { createStore } from "@/core/store";
import { useTranslation } from "@/i18n";
import { Button } from "./Button";

interface Toast {
  id: number;
  text: string;
}

const SHOWN_MS = 5_000;
const toasts = createStore<Toast | null>(null);

/** Tells that something succeeded. Failures are shown where they happened, not here. */
export function toast(text: string): void {
  toasts.set({ id: (toasts.get()?.id ?? 0) + 1, text });
}

export function Toaster() {
  const { t } = useTranslation();
  const current = useSyncExternalStore(toasts.subscribe, toasts.get);
  useEffect(() => {
    if (!current) return;
    const timer = setTimeout(() => toasts.set(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [current]);
  return (
    <div
      role="status"
      aria-live="polite"
      className="pointer-events-none fixed inset-x-0 bottom-4 z-50 flex justify-center px-4"
    >
      {current && (
        <div
          key={current.id}
          className="pointer-events-auto flex max-w-md animate-rise items-center gap-2 rounded-full border bg-raised py-1.5 pr-1.5 pl-3.5 shadow-float"
        >
          <CircleCheck aria-hidden className="size-4 shrink-0 text-good" />
          <span className="min-w-0 break-words">{current.text}</span>
          <Button
            look="ghost"
            size="icon"
            className="size-7 rounded-full"
            aria-label={t.app.dismiss}
            onClick={() => toasts.set(null)}
          >
            <X aria-hidden />
          </Button>
        </div>
      )}
    </div>
  );
}
