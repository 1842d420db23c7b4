import { Undo2, X, ZoomIn } from "lucide-react";
import { Button } from "@/components/Button";
import type { View } from "@/core/latency/view";
import type { Window } from "@/core/latency/window";
import { useTranslation } from "@/i18n";
import type { FilterBy, Show } from "./useView";
import { useWords } from "./useWords";

interface ChipsProps {
  view: View;
  show: Show;
  filterBy: FilterBy;
  /** What the chart shows: times are told as on its axis. */
  window: Window;
}

/** What narrows the page down and has no control of its own above; each can be taken away. */
export function Chips({ view, show, filterBy, window }: ChipsProps) {
  const { t } = useTranslation();
  const words = useWords();
  const { zoom, selection } = view;
  const { facade } = view.filter;
  if (!zoom && !selection && !facade) return null;
  return (
    <div className="flex flex-wrap items-center gap-2">
      {zoom && (
        <span className="flex flex-wrap items-center gap-2">
          <span className="font-medium">{t.latency.zoomed(words.span(zoom))}</span>
          <Button size="small" onClick={() => show({ zoom: null, selection: null })}>
            <Undo2 aria-hidden />
            {t.latency.zoomOut}
          </Button>
        </span>
      )}
      {facade && (
        <Chip
          text={`${t.latency.facade}: ${facade}`}
          onRemove={() => filterBy({ facade: undefined })}
        />
      )}
      {selection && (
        <>
          <Chip
            testId="latency-selection"
            text={words.selection(selection, window)}
            onRemove={() => show({ selection: null })}
          />
          <Button
            size="small"
            onClick={() =>
              show({ zoom: { from: selection.from, to: selection.to }, selection: null })
            }
          >
            <ZoomIn aria-hidden />
            {t.latency.zoom}
          </Button>
        </>
      )}
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
