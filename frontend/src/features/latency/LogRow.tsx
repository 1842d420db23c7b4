import { cn } from "@/components/cn";
import type { LogEntry } from "@/core/api/types";
import { partsOf } from "@/core/latency/parts";
import { useTranslation } from "@/i18n";
import { PartsBar } from "./PartsBar";
import { Td } from "./table";
import { useWords } from "./useWords";

interface LogRowProps {
  entry: LogEntry;
  slowest: number;
  /** The day is told, too. */
  dated: boolean;
  onOpen: (id: string) => void;
}

export function LogRow({ entry, slowest, dated, onOpen }: LogRowProps) {
  const { t, formats } = useTranslation();
  const words = useWords();
  const { method, route, status, latency_us, error } = entry;
  const date = new Date(entry.time);
  const moment = dated ? `${formats.day(date)} ${formats.time(date)}` : formats.time(date);
  const time = <time dateTime={entry.time}>{moment}</time>;
  return (
    <tr data-testid="log-row" className="relative hover:bg-hover">
      <Td className="text-ink-faint max-sm:hidden">{time}</Td>
      <Td className="whitespace-normal text-left font-mono text-[0.8125rem] max-sm:pl-4">
        <button
          type="button"
          aria-label={t.latency.open(`${method} ${route}, ${moment}`)}
          onClick={() => onOpen(entry.id)}
          className="wrap-anywhere text-left after:absolute after:inset-0"
        >
          <span className="text-ink-faint">{method}</span> <span className="text-ink">{route}</span>
        </button>
        {error && <span className="block font-sans text-bad text-xs">{error}</span>}
        <span className="block font-sans text-ink-faint text-xs sm:hidden">{time}</span>
      </Td>
      <Td>
        <span className={cn("font-medium", statusStyle(status))}>{status}</span>
      </Td>
      <Td className="text-ink max-md:pr-4">{words.latency(latency_us)}</Td>
      <Td className="text-left max-lg:hidden">
        {/* By the square root: the fast ones can be seen beside the slowest. */}
        <PartsBar parts={partsOf(entry)} share={Math.sqrt(latency_us / slowest)} />
      </Td>
      <Td className="max-md:hidden">{formats.bytes(entry.bytes)}</Td>
    </tr>
  );
}

export function statusStyle(status: number): string {
  if (status >= 500) return "text-bad";
  return status >= 400 ? "text-warn" : "text-ink-soft";
}
