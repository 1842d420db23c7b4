import { useEffect, useState } from "react";
import { createPortal, flushSync } from "react-dom";
import type { Client } from "@/core/api/types";
import { formatField } from "@/core/format/field";
import { documentKind } from "@/core/rules/document";
import { useTranslation } from "@/i18n";
import "./print.css";

/** A client on paper: takes the place of the whole page when that is printed. */
export function PrintSheet({ client }: { client: Client }) {
  const { t, formats } = useTranslation();
  const printed = usePrintTime();
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
    <article data-testid="print-sheet" className="print-sheet">
      <header>
        <p>{t.client.sheet}</p>
        <p className="print-name">{client.name}</p>
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
      <footer>{t.client.printedAt(location.host, formats.full(printed))}</footer>
    </article>,
    document.body,
  );
}

/** The panel may have been open for hours when it is printed. */
function usePrintTime(): Date {
  const [time, setTime] = useState(() => new Date());
  useEffect(() => {
    const renew = () => flushSync(() => setTime(new Date())); // paper doesn't wait for a next frame
    addEventListener("beforeprint", renew);
    return () => removeEventListener("beforeprint", renew);
  }, []);
  return time;
}
