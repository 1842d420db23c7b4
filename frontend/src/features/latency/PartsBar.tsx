import { cn } from "@/components/cn";
import type { Part } from "@/core/latency/parts";
import { useTranslation } from "@/i18n";
import { useWords } from "./useWords";

interface PartsBarProps {
  parts: Part[];
  /** How much of the room the bar takes, 0 to 1. */
  share: number;
  className?: string;
}

/** A request's time as one bar, piece by piece; the words say the same. */
export function PartsBar({ parts, share, className }: PartsBarProps) {
  const { t } = useTranslation();
  const words = useWords();
  const total = parts.reduce((sum, { us }) => sum + us, 0);
  const text = parts.map(({ name, us }) => `${t.latency.part[name]} ${words.latency(us)}`);
  return (
    <span className="block" title={text.join(", ")}>
      <span
        aria-hidden
        className={cn("flex h-2 min-w-0.5 gap-px overflow-hidden rounded-xs", className)}
        style={{ width: `${share * 100}%` }}
      >
        {parts.map(({ name, us }) => (
          <span
            key={name}
            style={{ background: `var(--part-${name})`, width: `${(100 * us) / total}%` }}
          />
        ))}
      </span>
      <span className="sr-only">{text.join(", ")}</span>
    </span>
  );
}

/** What the colours mean. */
export function PartsLegend({ names }: { names: Part["name"][] }) {
  const { t } = useTranslation();
  return (
    <p aria-hidden className="flex flex-wrap gap-x-4 gap-y-1 text-ink-soft text-xs">
      {names.map((name) => (
        <span key={name} className="flex items-center gap-1.5">
          <span className="size-2.5 rounded-xs" style={{ background: `var(--part-${name})` }} />
          {t.latency.part[name]}
        </span>
      ))}
    </p>
  );
}
