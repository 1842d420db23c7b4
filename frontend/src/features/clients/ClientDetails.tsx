import type { ReactNode } from "react";
import { CopyButton } from "@/components/CopyButton";
import type { Client } from "@/core/api/types";
import { formatDocument } from "@/core/format/document";
import { formatPhone } from "@/core/format/phone";
import { documentKind } from "@/core/rules/document";
import { useTranslation } from "@/i18n";
import { Address } from "./Address";

export function ClientDetails({ client }: { client: Client }) {
  const { t, formats } = useTranslation();
  const { phone, email, document, notes } = client;
  const when = (time: string | null) => (time ? formats.full(new Date(time)) : t.clients.pending);
  return (
    <dl className="grid grid-cols-[6rem_minmax(0,1fr)] gap-x-2 items-center gap-y-0.5 px-4 py-4 sm:px-5">
      <Detail label={t.fields.phone} copy={phone}>
        {phone && <ContactLink href={`tel:${phone}`}>{formatPhone(phone)}</ContactLink>}
      </Detail>
      <Detail label={t.fields.email} copy={email}>
        {email && (
          <ContactLink href={`mailto:${email}`}>
            <Address email={email} />
          </ContactLink>
        )}
      </Detail>
      <Detail label={documentKind(document ?? "") ?? t.fields.document} copy={document}>
        {document && <span className="tabular-nums">{formatDocument(document)}</span>}
      </Detail>
      <Detail label={t.fields.notes}>
        {notes && <span className="whitespace-pre-wrap">{notes}</span>}
      </Detail>
      <Detail label={t.fields.created}>
        <time dateTime={client.created_at ?? undefined}>{when(client.created_at)}</time>
      </Detail>
      {client.updated_at !== client.created_at && (
        <Detail label={t.fields.updated}>
          <time dateTime={client.updated_at ?? undefined}>{when(client.updated_at)}</time>
        </Detail>
      )}
    </dl>
  );
}

function ContactLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <a
      href={href}
      className="text-accent-ink tabular-nums underline decoration-current/30 underline-offset-2 hover:decoration-current"
    >
      {children}
    </a>
  );
}

interface DetailProps {
  label: string;
  copy?: string | null;
  children: ReactNode;
}

function Detail({ label, copy, children }: DetailProps) {
  const { t } = useTranslation();
  return (
    <>
      <dt className="self-start py-1.5 text-ink-faint">{label}</dt>
      <dd className="flex min-h-8 items-center gap-1">
        <span className="min-w-0 break-words py-1.5 [overflow-wrap:anywhere]">
          {children || <span className="text-ink-faint">{t.fields.none}</span>}
        </span>
        {copy && <CopyButton value={copy} label={copy} />}
      </dd>
    </>
  );
}
