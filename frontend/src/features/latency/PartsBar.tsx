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
  const text = parts.map(({ name, us }) => `${t.latency.part[name]} ${words.latency(us)}`);
  return (
    <span className="block" title={text.join(", ")}>
      <span
        aria-hidden
        className={cn("block h-2 min-w-0.5 rounded-xs", className)}
        style={{ width: `${share * 100}%`, background: stripes(parts) }}
      />
      <span className="sr-only">{text.join(", ")}</span>
    </span>
  );
}

/** The pieces as one background: hundreds of bars are no thousands of elements. */
function stripes(parts: Part[]): string {
  const total = parts.reduce((sum, { us }) => sum + us, 0);
  let end = 0;
  const stops = parts.map(({ name, us }) => {
    const begin = end;
    end += (100 * us) / total;
    return `var(--part-${name}) ${begin.toFixed(2)}% ${end.toFixed(2)}%`;
  });
  return `linear-gradient(to right, ${stops.join(", ")})`;
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
