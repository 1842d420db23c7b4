import { Clock3 } from "lucide-react";
import { type MouseEvent, memo, type RefObject, useEffect, useRef } from "react";
import { cn } from "@/components/cn";
import type { Client } from "@/core/api/types";
import { formatDocument } from "@/core/format/document";
import { formatPhone } from "@/core/format/phone";
import { isFresh } from "@/core/live/clientCache";
import { useTranslation } from "@/i18n";
import { Badge } from "./Badge";
import { Marked } from "./Marked";
import { useMoment } from "./useMoment";

const WIDE_PX = 1_080; // from here on addresses need no second line
const MEDIUM_PX = 640;

/** What a list of a width shows; heights are fixed so that 100,000 rows need no measuring. */
export interface RowLayout {
  kind: "wide" | "medium" | "cards";
  rowPx: number;
  headerPx: number;
  columns: string;
}

const layouts: RowLayout[] = [
  {
    kind: "wide",
    rowPx: 48,
    headerPx: 36,
    columns: "grid-cols-[minmax(12rem,1.3fr)_10rem_9.5rem_minmax(12rem,1fr)_8.75rem]",
  },
  {
    kind: "medium",
    rowPx: 48,
    headerPx: 36,
    columns: "grid-cols-[minmax(9rem,1fr)_10rem_9.5rem_8.75rem]",
  },
  { kind: "cards", rowPx: 76, headerPx: 0, columns: "grid-cols-[minmax(0,1fr)]" },
];

export function layoutFor(width: number): RowLayout {
  const place = width >= WIDE_PX ? 0 : width >= MEDIUM_PX || width === 0 ? 1 : 2;
  return layouts[place] as RowLayout;
}

export const rowFrame = "grid items-center gap-4 px-3 sm:px-5";

interface ClientRowProps {
  client: Client;
  q: string;
  layout: RowLayout;
  index: number;
  start: number;
  /** The one row that Tab reaches; the arrows go on from there. */
  tabStop: boolean;
  mustFocus: RefObject<boolean>;
  selected: boolean;
  onOpen: (id: string) => void;
}

/** Nearly all names and addresses fit into two lines; the panel has all of any. */
const twoLines = "min-w-0 line-clamp-2 leading-tight [overflow-wrap:anywhere]";

export const ClientRow = memo(function ClientRow(props: ClientRowProps) {
  const { client, layout, selected } = props;
  return (
    <div
      role="row"
      data-testid="client-row"
      aria-rowindex={props.index + 2}
      aria-selected={selected || undefined}
      className={cn(
        rowFrame,
        layout.columns,
        "absolute isolate inset-x-0 border-b transition-colors hover:bg-hover",
        "has-focus-visible:bg-hover has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-accent",
        selected && "bg-selected hover:bg-selected",
      )}
      style={{ top: props.start, height: layout.rowPx }}
    >
      {isFresh(client.id) && (
        <span key={client.version} aria-hidden className="-z-10 absolute inset-0 animate-arrive" />
      )}
      {layout.kind === "cards" ? <Card {...props} /> : <Cells {...props} />}
    </div>
  );
}, sameRow);

/** `onOpen` is new at each rendering and always does the same. */
function sameRow(before: ClientRowProps, after: ClientRowProps): boolean {
  return (Object.keys(after) as (keyof ClientRowProps)[]).every(
    (key) => key === "onOpen" || before[key] === after[key],
  );
}

function Cells(props: ClientRowProps) {
  const { client, q, layout } = props;
  return (
    <>
      <div role="cell" className="flex min-w-0 items-center gap-2.5">
        <Badge client={client} />
        <NameLink {...props} />
      </div>
      <div role="cell" className="text-ink-soft tabular-nums">
        {formatDocument(client.document ?? "")}
      </div>
      <div role="cell" className="text-ink-soft tabular-nums">
        {formatPhone(client.phone ?? "")}
      </div>
      {layout.kind === "wide" && (
        <div role="cell" className={cn(twoLines, "text-[0.8125rem] text-ink-soft")}>
          <Marked text={client.email ?? ""} q={q} />
        </div>
      )}
      <div role="cell" className="text-right text-[0.8125rem] text-ink-faint tabular-nums">
        <Created client={client} />
      </div>
    </>
  );
}

function Card(props: ClientRowProps) {
  const { client, q } = props;
  const numbers = [formatDocument(client.document ?? ""), formatPhone(client.phone ?? "")];
  const contact = numbers.filter(Boolean);
  return (
    <div role="cell" className="flex min-w-0 items-center gap-3">
      <Badge client={client} />
      <div className="min-w-0 flex-1">
        <div className="flex items-baseline gap-2">
          <NameLink {...props} />
          <span className="ml-auto shrink-0 text-ink-faint text-xs tabular-nums leading-tight">
            <Created client={client} />
          </span>
        </div>
        <div className="mt-0.5 flex flex-wrap gap-x-2.5 text-[0.8125rem] text-ink-soft tabular-nums leading-tight">
          {contact.map((number) => (
            <span key={number} className="whitespace-nowrap">
              {number}
            </span>
          ))}
          {contact.length === 0 && (
            <span className={twoLines}>
              <Marked text={client.email ?? ""} q={q} />
            </span>
          )}
        </div>
      </div>
    </div>
  );
}

/** A real link, stretched over the row: Enter, a new tab and the address come for free. */
function NameLink({ client, q, tabStop, mustFocus, onOpen }: ClientRowProps) {
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (!tabStop || !mustFocus.current) return;
    mustFocus.current = false;
    link.current?.focus({ preventScroll: true });
  });
  const open = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    onOpen(client.id);
  };
  return (
    <a
      ref={link}
      href={`/clients/${client.id}`}
      tabIndex={tabStop ? 0 : -1}
      onClick={open}
      className={cn(twoLines, "font-medium outline-none after:absolute after:inset-0")}
    >
      <Marked text={client.name} q={q} />
    </a>
  );
}

function Created({ client }: { client: Client }) {
  const { t } = useTranslation();
  const moment = useMoment();
  const waits = client.pending !== undefined || client.created_at === null;
  return (
    <>
      {waits && (
        <span className="text-warn" title={t.clients.pending}>
          <Clock3
            aria-hidden
            className={cn("inline size-3.5 align-[-0.15em]", client.created_at && "mr-1")}
          />
          <span className="sr-only">{t.clients.pending}</span>
        </span>
      )}
      {client.created_at && (
        <time dateTime={client.created_at}>{moment(new Date(client.created_at))}</time>
      )}
    </>
  );
}

/** Stands for a row whose page is being read. */
export function LoadingRow({ start, layout }: { start: number; layout: RowLayout }) {
  return (
    <div aria-hidden className="absolute inset-x-0" style={{ top: start, height: layout.rowPx }}>
      <SkeletonRow />
    </div>
  );
}

export function SkeletonRow() {
  return (
    <div className="flex h-full min-h-12 items-center gap-4 border-b px-3 sm:px-5">
      <span className="size-7 shrink-0 rounded-full bg-sunken" />
      <span className="h-3 w-1/3 rounded bg-sunken" />
      <span className="ml-auto h-3 w-1/4 rounded bg-sunken" />
    </div>
  );
}
