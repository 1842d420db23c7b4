import type { ReactNode } from "react";
import { cn } from "@/components/cn";

interface ChoiceProps {
  name: string;
  checked: boolean;
  onChoose: () => void;
  caption: string;
  children: ReactNode;
}

/** One of a few values to choose from, in full. */
export function Choice({ name, checked, onChoose, caption, children }: ChoiceProps) {
  return (
    <label
      className={cn(
        "flex cursor-pointer items-start gap-2 rounded-md border bg-surface px-2.5 py-2 hover:bg-hover",
        checked && "border-accent ring-1 ring-accent",
      )}
    >
      <input
        type="radio"
        name={name}
        className="mt-1 accent-accent"
        checked={checked}
        onChange={onChoose}
      />
      <span className="min-w-0 [overflow-wrap:anywhere]">
        <span className="block text-ink-faint text-xs">{caption}</span>
        <span className="whitespace-pre-wrap">{children}</span>
      </span>
    </label>
  );
}
