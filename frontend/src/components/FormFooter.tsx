import type { MouseEvent } from "react";
import { Button } from "@/components/Button";
import { useTranslation } from "@/i18n";

interface FormFooterProps {
  busy: boolean;
  cancel: string;
  onCancel: () => void;
}

export function FormFooter({ busy, cancel, onCancel }: FormFooterProps) {
  const { t } = useTranslation();
  // A press must not blur the field first: its error would move the button from under the pointer.
  const keepFocus = (event: MouseEvent) => event.preventDefault();
  return (
    <footer className="flex shrink-0 justify-end gap-2 border-t px-5 py-3 pb-[max(0.75rem,env(safe-area-inset-bottom))]">
      <Button onMouseDown={keepFocus} onClick={onCancel}>
        {cancel}
      </Button>
      <Button
        type="submit"
        look="primary"
        data-testid="save-client"
        onMouseDown={keepFocus}
        busy={busy}
        disabled={busy}
      >
        {busy ? t.form.saving : t.form.save}
      </Button>
    </footer>
  );
}
