import { cn } from "./cn";

interface KbdProps {
  children: string;
  className?: string;
  /** Within a control it is for the eyes: `aria-keyshortcuts` tells the others. */
  hidden?: boolean;
}

export function Kbd({ children, className, hidden }: KbdProps) {
  return (
    <kbd
      aria-hidden={hidden || undefined}
      className={cn(
        "inline-grid h-5 min-w-5 place-content-center rounded border bg-surface px-1 font-sans text-[0.6875rem] text-ink-soft",
        className,
      )}
    >
      {children}
    </kbd>
  );
}
