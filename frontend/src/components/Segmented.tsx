import { useId } from "react";
import { cn } from "./cn";

interface SegmentedProps<T extends string> {
  label: string;
  value: T;
  options: { value: T; label: string }[];
  onChange: (value: T) => void;
}

/** One of a few: native radio buttons in the dress of a segmented control. */
export function Segmented<T extends string>({
  label,
  value,
  options,
  onChange,
}: SegmentedProps<T>) {
  const name = useId();
  return (
    <fieldset className="inline-flex rounded-lg bg-sunken p-0.5">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <label
          key={option.value}
          className={cn(
            "cursor-pointer rounded-md px-2.5 py-1 font-medium text-[0.8125rem] text-ink-soft transition-colors hover:text-ink pointer-coarse:py-2",
            "has-focus-visible:outline-2 has-focus-visible:outline-accent",
            option.value === value && "bg-raised text-ink shadow-sm ring-1 ring-line",
          )}
        >
          <input
            type="radio"
            name={name}
            className="sr-only"
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}
