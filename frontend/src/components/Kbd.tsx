import { cn } from "./cn";

export function Kbd({ children, className }: { children: string; className?: string }) {
  return (
    <kbd
      className={cn(
        "inline-grid h-5 min-w-5 place-content-center rounded border bg-surface px-1 font-sans text-[0.6875rem] text-ink-soft",
        className,
      )}
    >
      {children}
    </kbd>
  );
}
