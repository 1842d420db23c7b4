import type { ReactNode } from "react";

/** A part of the page with its heading. */
export function Section({
  title,
  text,
  children,
}: {
  title: string;
  text?: string;
  children: ReactNode;
}) {
  return (
    <section className="grid gap-3 rounded-xl border bg-surface px-4 py-4 sm:px-5">
      <div>
        <h2 className="font-semibold">{title}</h2>
        {text && <p className="text-[0.8125rem] text-ink-soft">{text}</p>}
      </div>
      {children}
    </section>
  );
}
