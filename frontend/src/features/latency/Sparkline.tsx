import { useTranslation } from "@/i18n";
import { useWords } from "./useWords";

const WIDTH = 96;
const HEIGHT = 22;
const EDGE = 2; // so that the line's own width is within

/** A small line over time, on a logarithmic scale; where nothing was measured it has a gap. */
export function Sparkline({ values }: { values: (number | null)[] }) {
  const { t } = useTranslation();
  const words = useWords();
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return (
    <svg
      role="img"
      aria-label={t.latency.sparkLabel(words.latency(low), words.latency(high))}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      className="inline-block h-5.5 w-24 text-p95"
    >
      <path
        d={pathOf(values, low, high)}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

function pathOf(values: (number | null)[], low: number, high: number): string {
  const across = (WIDTH - 2 * EDGE) / Math.max(1, values.length - 1);
  const tall = Math.max(Math.log(high / low), 0.7); // a tenth more is no mountain
  const middle = Math.log(low * high) / 2;
  let begun = false;
  const steps = values.map((value, i) => {
    if (value === null) {
      begun = false;
      return "";
    }
    const x = EDGE + i * across;
    const y = HEIGHT / 2 - ((HEIGHT - 2 * EDGE) * (Math.log(value) - middle)) / tall;
    const step = `${begun ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    const lonely = !begun && (values[i + 1] ?? null) === null;
    begun = true;
    return lonely ? `${step}h.1` : step; // a dot
  });
  return steps.join("");
}
