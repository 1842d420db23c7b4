import type { ComponentProps } from "react";
import { cn } from "@/components/cn";

/** The cells that the tables of this page share. */
export function Th({ className, ...rest }: ComponentProps<"th">) {
  return (
    <th
      scope="col"
      {...rest}
      className={cn(
        "whitespace-nowrap px-2 py-2 text-right font-medium text-ink-faint text-xs first:pl-4 first:text-left last:pr-4",
        className,
      )}
    />
  );
}

export function Td({ className, ...rest }: ComponentProps<"td">) {
  return (
    <td
      {...rest}
      className={cn(
        "whitespace-nowrap px-2 py-2 text-right text-ink-soft tabular-nums first:pl-4 first:text-left last:pr-4",
        className,
      )}
    />
  );
}
