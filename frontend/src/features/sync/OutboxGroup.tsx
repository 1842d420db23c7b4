import type { ReactNode } from "react";
import { useTranslation } from "@/i18n";

interface OutboxGroupProps {
  title: string;
  text: string;
  /** How many there are; only the oldest of them are shown. */
  total: number;
  shown: number;
  children: ReactNode;
}

export function OutboxGroup({ title, text, total, shown, children }: OutboxGroupProps) {
  const { t, formats } = useTranslation();
  if (shown === 0) return null;
  return (
    <section className="grid gap-2">
      <h2 className="font-semibold">
        {title} <span className="font-normal text-ink-faint">{formats.number(total)}</span>
      </h2>
      <p className="text-[0.8125rem] text-ink-soft">{text}</p>
      <ul className="mt-1 grid gap-2">{children}</ul>
      {total > shown && (
        <p className="text-center text-ink-faint">
          {t.outbox.moreBelow(formats.number(total - shown))}
        </p>
      )}
    </section>
  );
}
