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

const WIDE_PX = 940;
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
    columns: "grid-cols-[minmax(12rem,1.3fr)_10.5rem_9.5rem_minmax(12rem,1fr)_7.5rem]",
  },
  {
    kind: "medium",
    rowPx: 48,
    headerPx: 36,
    columns: "grid-cols-[minmax(10rem,1fr)_10.5rem_9.5rem_7rem]",
  },
  { kind: "cards", rowPx: 68, headerPx: 0, columns: "grid-cols-[minmax(0,1fr)]" },
];

export function layoutFor(width: number): RowLayout {
  const place = width >= WIDE_PX ? 0 : width >= MEDIUM_PX || width === 0 ? 1 : 2;
  return layouts[place] as RowLayout;
}

const frame = "grid items-center gap-4 px-3 sm:px-5";

export function HeaderRow({ layout }: { layout: RowLayout }) {
  const { t } = useTranslation();
  const { name, document, phone, email, created } = t.fields;
  const labels =
    layout.kind === "wide"
      ? [name, document, phone, email, created]
      : [name, document, phone, created];
  return (
    <div role="rowgroup" className={cn("sticky top-0 z-10", layout.kind === "cards" && "sr-only")}>
      <div
        role="row"
        aria-rowindex={1}
        className={cn(
          frame,
          layout.columns,
          "h-9 border-b bg-surface font-medium text-ink-faint text-xs",
        )}
      >
        {labels.map((label) => (
          <div key={label} role="columnheader" className="truncate last:text-right">
            {label}
          </div>
        ))}
      </div>
    </div>
  );
}

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

export const ClientRow = memo(function ClientRow(props: ClientRowProps) {
  const { client, layout, selected } = props;
  return (
    <div
      role="row"
      data-testid="client-row"
      aria-rowindex={props.index + 2}
      aria-selected={selected || undefined}
      className={cn(
        frame,
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
      <div role="cell" className="truncate text-ink-soft tabular-nums">
        {formatDocument(client.document ?? "")}
      </div>
      <div role="cell" className="truncate text-ink-soft tabular-nums">
        {formatPhone(client.phone ?? "")}
      </div>
      {layout.kind === "wide" && (
        <div role="cell" className="truncate text-ink-soft" title={client.email ?? undefined}>
          <Marked text={client.email ?? ""} q={q} />
        </div>
      )}
      <div role="cell" className="truncate text-right text-ink-faint tabular-nums">
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
          <span className="ml-auto shrink-0 text-ink-faint text-xs tabular-nums">
            <Created client={client} />
          </span>
        </div>
        <div className="flex flex-wrap gap-x-2.5 overflow-hidden text-[0.8125rem] text-ink-soft tabular-nums [height:1.45em]">
          {contact.map((number) => (
            <span key={number} className="whitespace-nowrap">
              {number}
            </span>
          ))}
          {contact.length === 0 && (
            <span className="truncate">
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
      className="min-w-0 truncate font-medium outline-none after:absolute after:inset-0"
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
          <Clock3 aria-hidden className="mr-1 inline size-3.5 align-[-0.15em]" />
          <span className="sr-only">{t.clients.pending}</span>
        </span>
      )}
      {client.created_at && (
        <time dateTime={client.created_at}>{moment(new Date(client.created_at))}</time>
      )}
    </>
  );
}

export function SkeletonRow() {
  return (
    <div className="flex h-12 items-center gap-4 border-b px-3 sm:px-5">
      <span className="size-7 shrink-0 rounded-full bg-sunken" />
      <span className="h-3 w-1/3 rounded bg-sunken" />
      <span className="ml-auto h-3 w-1/4 rounded bg-sunken" />
    </div>
  );
}
