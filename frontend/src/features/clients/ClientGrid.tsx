import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import { ArrowUp } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { Button } from "@/components/Button";
import { useWidth } from "@/components/hooks";
import { Notice } from "@/components/Notice";
import type { ClientsView } from "@/core/clientsView";
import { useTranslation } from "@/i18n";
import { ClientRow, LoadingRow, layoutFor } from "./ClientRow";
import { HeaderRow } from "./HeaderRow";
import { type ClientRows, useClientRows } from "./useClients";
import { useDeleting } from "./useDeleteClient";
import { useSteadyRows } from "./useSteadyRows";

const OVERSCAN_ROWS = 8;
const HEIGHT_PX_MAX = 16_000_000; // Firefox draws nothing beyond 17.8 million pixels

interface ClientGridProps {
  view: ClientsView;
  selected: string | null;
  onView: (view: ClientsView) => void;
  onOpen: (id: string) => void;
}

/** The rows in sight, out of as many as there are: pages are read where one looks. */
export function ClientGrid({ view, selected, onView, onOpen }: ClientGridProps) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const layout = layoutFor(useWidth(scroller));
  const [range, setRange] = useState({ startIndex: 0, endIndex: 0 });
  const [moved, setMoved] = useState<number | null>(null);
  const places = [range.startIndex, range.endIndex, moved ?? 0];
  const rows = useClientRows(view, places, useDeleting());
  const active = moved ?? rows.placeOf(selected ?? "") ?? 0;
  const mustFocus = useRef(false);
  const count = Math.min(rows.total, Math.floor(HEIGHT_PX_MAX / layout.rowPx));

  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => layout.rowPx,
    overscan: OVERSCAN_ROWS,
    scrollPaddingStart: layout.headerPx,
    rangeExtractor: (shown) => withActive(shown, active),
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another layout has other heights
  useEffect(() => virtual.measure(), [layout.rowPx]);
  const { startIndex = 0, endIndex = 0 } = virtual.range ?? {};
  if (startIndex !== range.startIndex || endIndex !== range.endIndex) {
    setRange({ startIndex, endIndex });
  }
  const steady = useSteadyRows(scroller, rows, layout.rowPx, (by) => {
    setMoved((place) => (place === null ? null : place + by));
  });

  const move = (event: KeyboardEvent) => {
    const ours = event.target === scroller.current || event.target instanceof HTMLAnchorElement;
    if (!ours || event.metaKey || event.altKey || event.shiftKey) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / layout.rowPx) - 1);
    const to = destination(event.key, active, count, page);
    if (to === null) return;
    event.preventDefault();
    mustFocus.current = true;
    scroller.current?.focus({ preventScroll: true }); // until the row that gets it has been read
    setMoved(to);
    virtual.scrollToIndex(to);
  };

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        data-testid="client-list"
        role="table"
        aria-label={t.clients.list}
        aria-rowcount={rows.total + 1}
        tabIndex={-1}
        onKeyDown={move}
        className="h-full overflow-y-auto overflow-x-hidden overscroll-contain bg-surface outline-none"
      >
        <HeaderRow layout={layout} view={view} onView={onView} />
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const client = rows.at(index);
            if (!client) return <LoadingRow key={index} start={start} layout={layout} />;
            return (
              <ClientRow
                // A client may be seen twice for a moment, while pages are read anew.
                key={rows.placeOf(client.id) === index ? client.id : index}
                client={client}
                q={view.q}
                layout={layout}
                index={index}
                start={start}
                tabStop={index === active}
                mustFocus={mustFocus}
                selected={client.id === selected}
                onOpen={(id) => {
                  setMoved(index);
                  onOpen(id);
                }}
              />
            );
          })}
        </div>
      </div>
      <Arrived
        count={view.sort === "id" && view.order === "desc" ? steady.arrived : 0}
        onShow={() => {
          scroller.current?.scrollTo({ top: 0, behavior: "smooth" });
          steady.clear();
        }}
      />
      <Failed rows={rows} />
    </div>
  );
}

/** The row that Tab reaches stays, wherever one has scrolled. */
function withActive(shown: Range, active: number): number[] {
  const indexes = defaultRangeExtractor(shown);
  if (indexes.includes(active) || active >= shown.count) return indexes;
  return [...indexes, active].sort((a, b) => a - b);
}

function destination(key: string, from: number, rows: number, page: number): number | null {
  const steps: Record<string, number> = {
    ArrowDown: 1,
    j: 1,
    ArrowUp: -1,
    k: -1,
    PageDown: page,
    PageUp: -page,
    Home: -rows,
    End: rows,
  };
  const step = steps[key];
  return step === undefined ? null : Math.max(0, Math.min(rows - 1, from + step));
}

function Arrived({ count, onShow }: { count: number; onShow: () => void }) {
  const { t, formats } = useTranslation();
  if (count === 0) return null;
  return (
    <div className="pointer-events-none absolute inset-x-0 top-11 flex justify-center">
      <Button
        look="primary"
        size="small"
        data-testid="arrived"
        className="pointer-events-auto animate-rise rounded-full shadow-float"
        onClick={onShow}
      >
        <ArrowUp aria-hidden />
        {t.clients.arrived(formats.number(count), count === 1)}
      </Button>
    </div>
  );
}

function Failed({ rows }: { rows: ClientRows }) {
  const { t } = useTranslation();
  if (!rows.failed) return null;
  const retry = (
    <Button size="small" onClick={rows.retry}>
      {t.app.retry}
    </Button>
  );
  return (
    <Notice
      tone="warn"
      title={t.clients.partFailed}
      actions={retry}
      className="absolute inset-x-4 bottom-4 mx-auto max-w-md shadow-float"
    />
  );
}
