import { Link } from "wouter";
import { Notice } from "@/components/Notice";
import type { ClientField, Reason } from "@/core/api/types";
import { formatField } from "@/core/format/field";
import { type Dictionary, useTranslation } from "@/i18n";
import { fieldMessage, reasonMessage } from "@/i18n/errors";

/** Why the server did not take a write, with what belongs to the reason. */
export function ReasonNotice({ reason }: { reason: Reason }) {
  const { t, formats } = useTranslation();
  const { errors, conflicts, holder } = reason;
  const label = (field: string) => t.fields[field as ClientField] ?? field;
  return (
    <Notice tone="warn" title={titleOf(reason, t)}>
      {errors?.map(({ field, code, detail }) => (
        <p key={field + code}>
          {label(field)}: {fieldMessage(code, field, detail, t, formats)}
        </p>
      ))}
      {conflicts?.map(({ field, yours, theirs }) => (
        <p key={field} className="[overflow-wrap:anywhere]">
          {label(field)}: {t.form.mine.toLowerCase()} “{formatField(field, yours) || t.fields.empty}
          ”, {t.form.theirs.toLowerCase()} “{formatField(field, theirs) || t.fields.empty}”
        </p>
      ))}
      {holder && (
        <Link href={`/clients/${holder}`} className="font-medium underline underline-offset-2">
          {t.form.openHolder}
        </Link>
      )}
    </Notice>
  );
}

function titleOf({ code, detail }: Reason, t: Dictionary): string {
  if (code === "conflict") return t.outbox.conflict;
  if (code === "depends-on") return t.outbox.dependsOn;
  if (code === "id-used") return t.outbox.idUsed;
  return (code === "invalid" ? null : reasonMessage(code, detail, t)) ?? t.form.refusedTitle;
}
