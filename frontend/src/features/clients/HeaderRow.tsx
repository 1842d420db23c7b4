import { ArrowDown, ArrowUp } from "lucide-react";
import { cn } from "@/components/cn";
import { type ClientsView, firstOrder } from "@/core/clientsView";
import { useTranslation } from "@/i18n";
import { type RowLayout, rowFrame } from "./ClientRow";

interface HeaderRowProps {
  layout: RowLayout;
  view: ClientsView;
  onView: (view: ClientsView) => void;
}

/** What the columns hold, and the order of the rows: a press on the same column turns it round. */
export function HeaderRow({ layout, view, onView }: HeaderRowProps) {
  const { t } = useTranslation();
  const { name, document, phone, email, created } = t.fields;
  const plain = layout.kind === "wide" ? [document, phone, email] : [document, phone];
  const by = (sort: ClientsView["sort"]) => {
    const turned = view.order === "asc" ? "desc" : "asc";
    onView({ ...view, sort, order: view.sort === sort ? turned : firstOrder(sort) });
  };
  const column = (sort: ClientsView["sort"], label: string) => (
    <SortColumn
      label={label}
      order={view.sort === sort ? view.order : null}
      onSort={() => by(sort)}
    />
  );
  return (
    <div role="rowgroup" className={cn("sticky top-0 z-10", layout.kind === "cards" && "sr-only")}>
      <div
        role="row"
        aria-rowindex={1}
        className={cn(
          rowFrame,
          layout.columns,
          "h-9 border-b bg-surface font-medium text-ink-faint text-xs",
        )}
      >
        {column("name", name)}
        {plain.map((label) => (
          <div key={label} role="columnheader">
            {label}
          </div>
        ))}
        {column("id", created)}
      </div>
    </div>
  );
}

interface SortColumnProps {
  label: string;
  /** The order that the rows have by this column, if it is by this one. */
  order: ClientsView["order"] | null;
  onSort: () => void;
}

function SortColumn({ label, order, onSort }: SortColumnProps) {
  const Icon = order === "desc" ? ArrowDown : ArrowUp;
  const said = order === "asc" ? "ascending" : order === "desc" ? "descending" : "none";
  return (
    <div role="columnheader" aria-sort={said} className="last:justify-self-end">
      <button
        type="button"
        onClick={onSort}
        className={cn(
          "-mx-1.5 flex items-center gap-1 rounded px-1.5 py-1 transition-colors hover:bg-hover hover:text-ink",
          order && "text-ink",
        )}
      >
        {label}
        {order && <Icon aria-hidden className="size-3" />}
      </button>
    </div>
  );
}
