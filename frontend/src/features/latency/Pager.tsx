import { ChevronLeft, ChevronRight } from "lucide-react";
import { Button } from "@/components/Button";
import { useTranslation } from "@/i18n";

interface PagerProps {
  start: number;
  rows: number;
  total: number;
  onMove: (start: number) => void;
  /** There are more than `total`, which are still to be read. */
  hasMore?: boolean;
  busy?: boolean;
  note?: string | undefined;
}

/** Through a long list, some rows at a time. */
export function Pager({ start, rows, total, onMove, hasMore, busy, note }: PagerProps) {
  const { t, formats } = useTranslation();
  if (start === 0 && total <= rows && !hasMore) return null;
  const end = Math.min(start + rows, total);
  return (
    <div className="flex flex-wrap items-center justify-end gap-x-3 gap-y-1 border-t px-4 py-2 text-[0.8125rem]">
      {note && <span className="mr-auto text-ink-faint text-xs">{note}</span>}
      <span className="text-ink-soft tabular-nums">
        {t.latency.rows(formats.number(start + 1), formats.number(end))}
      </span>
      <Button size="small" disabled={start === 0} onClick={() => onMove(Math.max(0, start - rows))}>
        <ChevronLeft aria-hidden />
        {t.latency.previous}
      </Button>
      <Button
        size="small"
        busy={Boolean(busy)}
        disabled={busy || (end >= total && !hasMore)}
        onClick={() => onMove(start + rows)}
      >
        {t.latency.next}
        <ChevronRight aria-hidden />
      </Button>
    </div>
  );
}
