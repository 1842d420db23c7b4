import { CircleAlert, CircleCheck, X } from "lucide-react";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { dismissToast, type Toast, toasts } from "@/core/toasts";
import { useTranslation } from "@/i18n";
import { Button } from "./Button";
import { isTyping } from "./hooks";

export { dismissToast, toast } from "@/core/toasts";

/** What was just done, one under the other, with a way back where there is one. */
export function Toaster() {
  const shown = useSyncExternalStore(toasts.subscribe, toasts.get);
  useUndoKey(shown.findLast(({ onHold }) => onHold));
  return (
    <div
      role="status"
      aria-live="polite"
      className="pointer-events-none fixed inset-x-0 bottom-4 z-50 max-sm:bottom-16 flex flex-col items-center gap-2 px-4 print:hidden"
    >
      {shown.map((one) => (
        <Shown key={one.id} toast={one} />
      ))}
    </div>
  );
}

/** Ctrl+Z outside of fields takes back what was done last. */
function useUndoKey(latest: Toast | undefined): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const undo = (event.ctrlKey || event.metaKey) && event.key === "z" && !event.shiftKey;
      if (!latest || !undo || isTyping(event.target)) return;
      event.preventDefault();
      act(latest);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [latest]);
}

function act({ id, action }: Toast): void {
  dismissToast(id);
  action?.run();
}

function Shown({ toast: shown }: { toast: Toast }) {
  const { t } = useTranslation();
  const { id, text, tone, shown_ms, action, onHold } = shown;
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (shown_ms === null || held) return;
    const timer = setTimeout(() => dismissToast(id), shown_ms);
    return () => clearTimeout(timer);
  }, [id, shown_ms, held]);
  const holding = useRef(false);
  const hold = (value: boolean) => () => {
    holding.current = value;
    setHeld(value);
    onHold?.(value);
  };
  // Dismissed under the pointer, it is never left.
  useEffect(() => () => void (holding.current && onHold?.(false)), [onHold]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointing at it only holds the time
    <div
      data-testid="toast"
      role={tone === "bad" ? "alert" : undefined}
      onPointerEnter={hold(true)}
      onPointerLeave={hold(false)}
      onFocus={hold(true)}
      onBlur={hold(false)}
      className="pointer-events-auto flex max-w-md animate-rise items-center gap-2 rounded-2xl border bg-raised py-1.5 pr-1.5 pl-3.5 shadow-float"
    >
      {onHold && shown_ms && !held ? <Countdown ms={shown_ms} /> : <Mark tone={tone} />}
      <span className="min-w-0 py-1 [overflow-wrap:anywhere]">{text}</span>
      {action && (
        <Button
          size="small"
          className="rounded-full"
          aria-keyshortcuts={onHold ? "Control+Z" : undefined}
          onClick={() => act(shown)}
        >
          {action.label}
        </Button>
      )}
      <Button
        look="ghost"
        size="icon"
        className="size-7 rounded-full pointer-coarse:size-9"
        aria-label={t.app.dismiss}
        onClick={() => dismissToast(id)}
      >
        <X aria-hidden />
      </Button>
    </div>
  );
}

function Mark({ tone }: { tone: Toast["tone"] }) {
  return tone === "bad" ? (
    <CircleAlert aria-hidden className="mx-0.5 size-4 shrink-0 text-bad" />
  ) : (
    <CircleCheck aria-hidden className="mx-0.5 size-4 shrink-0 text-good" />
  );
}

/** Seconds that are left, in a ring that empties. Not read out: it would never be silent. */
function Countdown({ ms }: { ms: number }) {
  const [left, setLeft] = useState(Math.ceil(ms / 1_000));
  useEffect(() => {
    const timer = setInterval(() => setLeft((before) => Math.max(before - 1, 0)), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <span
      aria-hidden
      className="relative -ml-1 grid size-6 shrink-0 place-content-center font-semibold text-[0.6875rem] tabular-nums"
    >
      {left}
      <svg viewBox="0 0 24 24" aria-hidden="true" className="-rotate-90 absolute inset-0">
        <circle cx="12" cy="12" r="10.5" className="fill-none stroke-line stroke-2" />
        <circle
          cx="12"
          cy="12"
          r="10.5"
          pathLength={1}
          strokeDasharray={1}
          className="animate-drain fill-none stroke-2 stroke-accent"
          style={{ animationDuration: `${ms}ms` }}
        />
      </svg>
    </span>
  );
}
