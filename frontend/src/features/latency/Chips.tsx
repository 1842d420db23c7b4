import { Undo2, X, ZoomIn } from "lucide-react";
import { Button } from "@/components/Button";
import type { Selection, View } from "@/core/latency/view";
import type { Window } from "@/core/latency/window";
import { useTranslation } from "@/i18n";
import type { FilterBy, Show } from "./useView";
import { useWords } from "./useWords";

interface ChipsProps {
  view: View;
  show: Show;
  filterBy: FilterBy;
}

/** What narrows the whole page down and has no control of its own; each can be taken away. */
export function Chips({ view, show, filterBy }: ChipsProps) {
  const { t } = useTranslation();
  const words = useWords();
  const { zoom } = view;
  const { facade } = view.filter;
  if (!zoom && !facade) return null;
  return (
    <div className="flex flex-wrap items-center gap-2">
      {zoom && (
        <>
          <span className="font-medium tabular-nums">{t.latency.zoomed(words.span(zoom))}</span>
          <Button size="small" onClick={() => show({ zoom: null, selection: null })}>
            <Undo2 aria-hidden />
            {t.latency.zoomOut}
          </Button>
        </>
      )}
      {facade && (
        <Chip
          text={`${t.latency.facade}: ${facade}`}
          onRemove={() => filterBy({ facade: undefined })}
        />
      )}
    </div>
  );
}

interface SelectionChipProps {
  selection: Selection;
  show: Show;
  /** What the chart shows: times are told as on its axis. */
  window: Window;
}

/** The rectangle by which the requests are filtered: to be taken away, or to be looked at closely. */
export function SelectionChip({ selection, show, window }: SelectionChipProps) {
  const { t } = useTranslation();
  const words = useWords();
  const { from, to } = selection;
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Chip
        testId="latency-selection"
        text={words.selection(selection, window)}
        onRemove={() => show({ selection: null })}
      />
      <Button size="small" onClick={() => show({ zoom: { from, to }, selection: null })}>
        <ZoomIn aria-hidden />
        {t.latency.zoom}
      </Button>
    </div>
  );
}

interface ChipProps {
  text: string;
  onRemove: () => void;
  testId?: string;
}

function Chip({ text, onRemove, testId }: ChipProps) {
  const { t } = useTranslation();
  return (
    <span
      data-testid={testId}
      className="inline-flex min-h-7 items-center gap-1 rounded-md bg-selected py-0.5 pr-0.5 pl-2.5 text-[0.8125rem] text-accent-ink tabular-nums"
    >
      {text}
      <Button
        look="ghost"
        size="icon"
        aria-label={t.latency.remove(text)}
        onClick={onRemove}
        className="size-6 shrink-0 text-accent-ink pointer-coarse:size-9 [&_svg]:size-3.5"
      >
        <X aria-hidden />
      </Button>
    </span>
  );
}
