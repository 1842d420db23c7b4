import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { ArrowUp, SearchX, TriangleAlert, UserPlus } from "lucide-react";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { Button } from "@/components/Button";
import { EmptyState } from "@/components/EmptyState";
import { useWidth } from "@/components/hooks";
import { useTranslation } from "@/i18n";
import { problemMessage } from "@/i18n/errors";
import { ClientRow, HeaderRow, layoutFor, SkeletonRow } from "./ClientRow";
import { useAnchoredTop } from "./useAnchoredTop";
import type { useClients } from "./useClients";

const READ_AHEAD_ROWS = 60; // the next page is asked for before its rows come into sight
const OVERSCAN_ROWS = 10;

interface ClientListProps {
  q: string;
  list: ReturnType<typeof useClients>;
  selected: string | null;
  onOpen: (id: string) => void;
  onCreate: () => void;
}

export function ClientList(props: ClientListProps) {
  const { q, list, onCreate } = props;
  const { t } = useTranslation();
  if (list.isPending) return <Skeleton />;
  if (list.isError && list.clients.length === 0) {
    return (
      <EmptyState
        icon={TriangleAlert}
        title={t.clients.loadFailed}
        text={problemMessage(list.error, t)}
      >
        <Button onClick={() => list.refetch()}>{t.app.retry}</Button>
      </EmptyState>
    );
  }
  if (list.clients.length > 0) return <Rows {...props} />;
  if (q)
    return <EmptyState icon={SearchX} title={t.clients.noneTitle} text={t.clients.noneText(q)} />;
  return (
    <EmptyState icon={UserPlus} title={t.clients.emptyTitle} text={t.clients.emptyText}>
      <Button look="primary" onClick={onCreate}>
        {t.clients.create}
      </Button>
    </EmptyState>
  );
}

function Rows({ q, list, selected, onOpen }: ClientListProps) {
  const { t } = useTranslation();
  const { clients, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = list;
  const scroller = useRef<HTMLDivElement>(null);
  const layout = layoutFor(useWidth(scroller));
  const [activeId, setActiveId] = useState<string | null>(selected);
  const places = useMemo(() => new Map(clients.map(({ id }, i) => [id, i])), [clients]);
  const active = places.get(activeId ?? "") ?? 0;
  const mustFocus = useRef(false);
  const virtual = useVirtualizer({
    count: clients.length + (hasNextPage ? 1 : 0),
    getScrollElement: () => scroller.current,
    estimateSize: () => layout.rowPx,
    getItemKey: (i) => clients[i]?.id ?? "more",
    overscan: OVERSCAN_ROWS,
    scrollPaddingStart: layout.headerPx,
    rangeExtractor: (range) => {
      const shown = defaultRangeExtractor(range);
      return shown.includes(active) ? shown : [active, ...shown].sort((a, b) => a - b);
    },
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another layout has other heights
  useEffect(() => virtual.measure(), [layout.rowPx]);
  const arrived = useAnchoredTop(scroller, clients, layout.rowPx);

  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  const wanted = hasNextPage && !isFetchingNextPage && !isFetchNextPageError;
  useEffect(() => {
    if (wanted && lastShown >= clients.length - READ_AHEAD_ROWS) void fetchNextPage();
  }, [wanted, lastShown, clients.length, fetchNextPage]);

  const move = (event: KeyboardEvent) => {
    if (!(event.target instanceof HTMLAnchorElement)) return;
    const to = destination(event.key, active, clients.length, items.length);
    const client = to === null ? undefined : clients[to];
    if (to === null || !client || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    mustFocus.current = true;
    setActiveId(client.id);
    virtual.scrollToIndex(to);
  };

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        data-testid="client-list"
        role="table"
        aria-label={t.clients.list}
        aria-rowcount={hasNextPage ? -1 : clients.length + 1}
        onKeyDown={move}
        className="h-full overflow-y-auto overflow-x-hidden overscroll-contain bg-surface"
      >
        <HeaderRow layout={layout} />
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, key, start }) => {
            const client = clients[index];
            if (!client) {
              return (
                <MoreRow
                  key={key}
                  start={start}
                  failed={isFetchNextPageError}
                  retry={fetchNextPage}
                />
              );
            }
            return (
              <ClientRow
                key={key}
                client={client}
                q={q}
                layout={layout}
                index={index}
                start={start}
                tabStop={index === active}
                mustFocus={mustFocus}
                selected={client.id === selected}
                onOpen={(id) => {
                  setActiveId(id);
                  onOpen(id);
                }}
              />
            );
          })}
        </div>
      </div>
      <Arrived
        count={arrived.count}
        onShow={() => {
          scroller.current?.scrollTo({ top: 0, behavior: "smooth" });
          arrived.clear();
        }}
      />
    </div>
  );
}

function destination(key: string, from: number, rows: number, page: number): number | null {
  const steps: Record<string, number> = {
    ArrowDown: 1,
    j: 1,
    ArrowUp: -1,
    k: -1,
    PageDown: page - 2 * OVERSCAN_ROWS,
    PageUp: 2 * OVERSCAN_ROWS - page,
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
        className="pointer-events-auto animate-rise rounded-full shadow-float"
        onClick={onShow}
      >
        <ArrowUp aria-hidden />
        {t.clients.arrived(formats.number(count), count === 1)}
      </Button>
    </div>
  );
}

interface MoreRowProps {
  start: number;
  failed: boolean;
  retry: () => unknown;
}

function MoreRow({ start, failed, retry }: MoreRowProps) {
  const { t } = useTranslation();
  return (
    <div role="row" className="absolute inset-x-0 px-3 py-3 sm:px-5" style={{ top: start }}>
      <div role="cell" className="flex items-center justify-center gap-3 text-ink-faint">
        {failed ? t.clients.loadFailed : t.clients.loadingMore}
        {failed && <Button onClick={retry}>{t.app.retry}</Button>}
      </div>
    </div>
  );
}

function Skeleton() {
  const { t } = useTranslation();
  return (
    <div
      role="status"
      aria-label={t.app.loading}
      className="flex-1 overflow-hidden bg-surface pt-9"
    >
      {Array.from({ length: 14 }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <SkeletonRow key={i} />
      ))}
    </div>
  );
}
