import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

interface EmptyStateProps {
  icon: LucideIcon;
  title: string;
  /** The title is the page's own heading. */
  page?: boolean;
  text?: string;
  children?: ReactNode;
}

/** What stands where a list would be, and what can be done about it. */
export function EmptyState({ icon: Icon, title, page, text, children }: EmptyStateProps) {
  const Title = page ? "h1" : "p";
  return (
    <div className="grid min-h-64 place-content-center justify-items-center gap-1 px-6 py-12 text-center">
      <span className="mb-3 grid size-12 place-content-center rounded-2xl bg-sunken text-ink-faint">
        <Icon aria-hidden className="size-6" strokeWidth={1.6} />
      </span>
      <Title className="font-semibold text-base">{title}</Title>
      {text && <p className="max-w-sm break-words text-ink-soft">{text}</p>}
      {children && <div className="mt-4">{children}</div>}
    </div>
  );
}
