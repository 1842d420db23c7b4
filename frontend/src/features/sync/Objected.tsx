import { Notice } from "@/components/Notice";
import type { Objection } from "@/core/objections";
import { type Dictionary, useTranslation } from "@/i18n";
import { reasonMessage } from "@/i18n/errors";

/** Why a write could not be sent, as far as that is no single field's matter. */
export function Objected({ objection }: { objection: Objection | null }) {
  const { t } = useTranslation();
  const text = objection && textOf(objection, t);
  if (!text) return null;
  return (
    <Notice urgent tone="bad">
      {text}
    </Notice>
  );
}

function textOf(objection: Objection, t: Dictionary): string | undefined {
  switch (objection.kind) {
    case "away":
      return t.problems.away;
    case "busy":
      return t.problems.busy;
    case "no-answer":
      return t.problems.noAnswer;
    case "gone":
      return t.problems.gone;
    case "conflict":
      return t.problems.conflict;
    case "key-reused":
      return t.form.savedBeforeText;
    case "other":
      return reasonMessage(objection.code, objection.detail, t) ?? t.form.refusedTitle;
    default:
      return undefined;
  }
}
