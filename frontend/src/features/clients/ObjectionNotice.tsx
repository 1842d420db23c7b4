import { Button } from "@/components/Button";
import { Notice } from "@/components/Notice";
import type { Objection } from "@/core/objections";
import { useTranslation } from "@/i18n";
import { reasonMessage } from "@/i18n/errors";

interface ObjectionNoticeProps {
  objection: Objection | null;
  busy: boolean;
  onRetry: () => void;
  onShowSaved?: () => void;
}

/** Says why a write was not accepted, as far as that is no single field's matter. */
export function ObjectionNotice({ objection, busy, onRetry, onShowSaved }: ObjectionNoticeProps) {
  const { t } = useTranslation();
  if (!objection) return null;
  const retry = (
    <Button size="small" busy={busy} disabled={busy} onClick={onRetry}>
      {t.app.retry}
    </Button>
  );
  switch (objection.kind) {
    case "away":
      return (
        <Notice urgent tone="warn" title={t.form.awayTitle} actions={retry}>
          {t.form.awayText}
        </Notice>
      );
    case "busy":
      return (
        <Notice urgent tone="warn" title={t.form.busyTitle} actions={retry}>
          {t.form.awayText}
        </Notice>
      );
    case "no-answer":
      return (
        <Notice urgent tone="warn" title={t.form.noAnswerTitle} actions={retry}>
          {t.form.noAnswerText}
        </Notice>
      );
    case "key-reused":
      return (
        <Notice
          urgent
          title={t.form.savedBeforeTitle}
          actions={
            <Button size="small" onClick={onShowSaved}>
              {t.form.openSaved}
            </Button>
          }
        >
          {t.form.savedBeforeText}
        </Notice>
      );
    case "gone":
      return <Notice urgent tone="bad" title={t.client.goneWhileEditing} />;
    case "other":
      return (
        <Notice urgent tone="bad" title={t.form.refusedTitle}>
          {reasonMessage(objection.code, objection.detail, t)}
        </Notice>
      );
    default:
      return null;
  }
}
