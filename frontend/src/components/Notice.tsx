import { cva, type VariantProps } from "class-variance-authority";
import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "./cn";

const notice = cva("flex gap-2 rounded-lg px-3 py-2.5 text-[0.8125rem]", {
  variants: {
    tone: {
      info: "bg-sunken text-ink",
      good: "bg-good-soft text-good",
      warn: "bg-warn-soft text-warn",
      bad: "bg-bad-soft text-bad",
    },
  },
  defaultVariants: { tone: "info" },
});

const icons = { info: Info, good: CircleCheck, warn: TriangleAlert, bad: CircleAlert };

interface NoticeProps extends VariantProps<typeof notice> {
  title?: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  /** Read out at once, because the person has just asked for something that failed. */
  urgent?: boolean;
  className?: string;
}

export function Notice({ tone, title, children, actions, urgent, className }: NoticeProps) {
  const Icon = icons[tone ?? "info"];
  return (
    <div role={urgent ? "alert" : "status"} className={cn(notice({ tone }), className)}>
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 flex-1">
        {title && <p className="font-semibold">{title}</p>}
        {children && <div className="text-ink">{children}</div>}
        {actions && <div className="mt-2 flex flex-wrap gap-2">{actions}</div>}
      </div>
    </div>
  );
}
