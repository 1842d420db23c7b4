import { CircleAlert } from "lucide-react";
import { type ComponentProps, type ReactNode, useId } from "react";
import { cn } from "./cn";

export const inputStyle =
  "w-full rounded-md border border-line-strong/60 bg-surface px-2.5 text-ink transition-[border-color,box-shadow] placeholder:text-ink-faint hover:border-line-strong focus:border-accent focus:outline-2 focus:outline-offset-0 focus:outline-accent/35 aria-invalid:border-bad aria-invalid:focus:outline-bad/35";

interface FieldProps {
  label: string;
  /** Said behind the label, as "optional". */
  aside?: string | undefined;
  hint?: ReactNode;
  error?: ReactNode;
  children: (ids: { id: string; "aria-describedby"?: string; "aria-invalid"?: true }) => ReactNode;
}

/** A label, its control, and beside it what helps or what is wrong. */
export function Field({ label, aside, hint, error, children }: FieldProps) {
  const id = useId();
  const note = `${id}-note`;
  const noted = Boolean(error || hint);
  return (
    <div className="grid content-start gap-1">
      <div className="flex items-baseline justify-between gap-2">
        <label htmlFor={id} className="font-medium text-[0.8125rem]">
          {label}
        </label>
        {aside && (
          <span aria-hidden className="text-ink-faint text-xs">
            {aside}
          </span>
        )}
      </div>
      {children({
        id,
        ...(noted ? { "aria-describedby": note } : {}),
        ...(error ? { "aria-invalid": true } : {}),
      })}
      {noted && (
        <div id={note} className={cn("flex gap-1 text-xs", error ? "text-bad" : "text-ink-faint")}>
          {error && <CircleAlert aria-hidden className="mt-px size-3.5 shrink-0" />}
          <div className="min-w-0">{error || hint}</div>
        </div>
      )}
    </div>
  );
}

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input {...rest} className={cn(inputStyle, "h-9 pointer-coarse:h-11", className)} />;
}

export function Textarea({ className, ...rest }: ComponentProps<"textarea">) {
  return <textarea {...rest} className={cn(inputStyle, "min-h-20 resize-y py-2", className)} />;
}

export function Select({ className, ...rest }: ComponentProps<"select">) {
  return (
    <select
      {...rest}
      className={cn(
        "h-8 min-w-0 rounded-md border bg-surface pr-2 pl-2 text-[0.8125rem] text-ink hover:bg-hover pointer-coarse:h-10",
        className,
      )}
    />
  );
}
