import { type ReactNode, useId } from "react";

interface CardProps {
  title?: string;
  note?: string | undefined;
  action?: ReactNode;
  children: ReactNode;
}

export function Card({ title, note, action, children }: CardProps) {
  const id = useId();
  return (
    <section
      aria-labelledby={title && id}
      className="min-w-0 overflow-hidden rounded-xl border bg-surface"
    >
      {title && (
        <header className="flex min-h-12 flex-wrap items-center justify-between gap-x-3 gap-y-1 px-4 py-2">
          <div className="flex flex-wrap items-baseline gap-x-2">
            <h2 id={id} className="font-semibold">
              {title}
            </h2>
            {note && <p className="text-ink-faint text-xs">{note}</p>}
          </div>
          {action}
        </header>
      )}
      {children}
    </section>
  );
}
