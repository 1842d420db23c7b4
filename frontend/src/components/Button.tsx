import { cva, type VariantProps } from "class-variance-authority";
import { LoaderCircle } from "lucide-react";
import type { ComponentProps } from "react";
import { cn } from "./cn";

const button = cva(
  "inline-flex shrink-0 select-none items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap transition-colors disabled:opacity-60 disabled:cursor-not-allowed [&_svg]:size-4 [&_svg]:shrink-0",
  {
    variants: {
      look: {
        primary: "bg-accent text-on-accent hover:bg-accent-hover",
        secondary: "border bg-surface text-ink hover:bg-hover",
        ghost: "text-ink-soft hover:bg-hover hover:text-ink",
        danger: "bg-bad text-on-accent hover:bg-bad-hover dark:text-canvas",
        dangerGhost: "text-bad hover:bg-bad-soft",
        link: "text-accent-ink underline underline-offset-2 decoration-current/40 hover:decoration-current",
      },
      size: {
        normal: "h-8 px-3 pointer-coarse:h-10",
        small: "h-7 px-2.5 text-[0.8125rem] pointer-coarse:h-9",
        icon: "size-8 pointer-coarse:size-10",
        inline: "h-auto p-0",
      },
    },
    defaultVariants: { look: "secondary", size: "normal" },
  },
);

export type ButtonProps = ComponentProps<"button"> &
  VariantProps<typeof button> & { busy?: boolean };

export function Button({ look, size, busy, className, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      aria-busy={busy || undefined}
      {...rest}
      className={cn(button({ look, size }), className)}
    >
      {busy && <LoaderCircle aria-hidden className="animate-spin" />}
      {children}
    </button>
  );
}

export { button as buttonStyle };
