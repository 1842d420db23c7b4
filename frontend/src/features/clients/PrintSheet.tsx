import { createPortal } from "react-dom";
import type { Client } from "@/core/api/types";
import { formatField } from "@/core/format/field";
import { documentKind } from "@/core/rules/document";
import { useTranslation } from "@/i18n";
import "./print.css";

/** A client on paper: takes the place of the whole page when that is printed. */
export function PrintSheet({ client }: { client: Client }) {
  const { t, formats } = useTranslation();
  const { document: number, created_at, updated_at } = client;
  const when = (time: string | null) => (time ? formats.full(new Date(time)) : t.clients.pending);
  const rows: [string, string][] = [
    [documentKind(number ?? "") ?? t.fields.document, formatField("document", number)],
    [t.fields.phone, formatField("phone", client.phone)],
    [t.fields.email, client.email ?? ""],
    [t.fields.notes, client.notes ?? ""],
    [t.fields.created, when(created_at)],
    [t.fields.updated, when(updated_at)],
    [t.client.id, client.id],
  ];
  return createPortal(
    <article hidden data-testid="print-sheet" className="print-sheet">
      <header>
        <p>{t.client.sheet}</p>
        <h1>{client.name}</h1>
      </header>
      {client.pending && <p className="print-pending">{t.client.pendingText}</p>}
      <dl>
        {rows.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value || t.fields.none}</dd>
          </div>
        ))}
      </dl>
      <footer>{t.client.printedAt(location.host, formats.full(new Date()))}</footer>
    </article>,
    document.body,
  );
}
