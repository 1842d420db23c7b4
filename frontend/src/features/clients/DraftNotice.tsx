import { Button } from "@/components/Button";
import { Notice } from "@/components/Notice";
import { useTranslation } from "@/i18n";

/** Says that a form holds what was typed before the page was left. */
export function DraftNotice({ onDiscard }: { onDiscard: () => void }) {
  const { t } = useTranslation();
  const discard = (
    <Button size="small" onClick={onDiscard}>
      {t.form.draftDiscard}
    </Button>
  );
  return (
    <Notice title={t.form.draftTitle} actions={discard}>
      {t.form.draftText}
    </Notice>
  );
}
