import { useState } from "react";
import { Dialog } from "@/components/Dialog";
import { usePrefetch } from "@/components/lazily";
import { useLeaveGuard } from "@/components/useLeaveGuard";
import { drafts } from "@/core/drafts";
import { useTranslation } from "@/i18n";
import { FormSkeleton } from "./FormSkeleton";
import { NEW_CLIENT } from "./newClient";
import { NewClientForm, Panel } from "./parts";

interface NewClientDialogProps {
  open: boolean;
  onClose: () => void;
  onShow: (id: string) => void;
}

export function NewClientDialog({ open, onClose, onShow }: NewClientDialogProps) {
  const { t } = useTranslation();
  const guard = useLeaveGuard();
  /** The page was left while one typed: the dialog is there again with what was typed. */
  const [reopened, setReopened] = useState(() => drafts.get(NEW_CLIENT) !== null);
  usePrefetch([NewClientForm, Panel]);
  const close = () =>
    guard.leave(() => {
      setReopened(false);
      onClose();
    });
  const show = (id: string) => {
    setReopened(false);
    onShow(id);
  };
  return (
    <>
      <Dialog open={open || reopened} onClose={close} title={t.form.newTitle} text={t.form.newText}>
        <NewClientForm waiting={<FormSkeleton />} guard={guard} onCancel={close} onShow={show} />
      </Dialog>
      {guard.question}
    </>
  );
}
