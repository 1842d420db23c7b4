import { Confirm } from "@/components/Confirm";
import { Notice } from "@/components/Notice";
import { discardWrite, editWrite } from "@/core/api/sync";
import { useTranslation } from "@/i18n";
import { problemMessage } from "@/i18n/errors";
import type { TaskProps } from "./TaskDialog";
import { useAct } from "./useAct";

export function DiscardWrite({ write, onClose }: TaskProps) {
  const { t } = useTranslation();
  return (
    <ConfirmedAct
      title={t.outbox.discardTitle}
      text={t.outbox.discardText}
      confirm={t.outbox.discard}
      action={() => discardWrite(write.write_id)}
      onClose={onClose}
    />
  );
}

export function OverwriteDeletion({ write, onClose }: TaskProps) {
  const { t } = useTranslation();
  return (
    <ConfirmedAct
      title={t.outbox.overwriteTitle(write.was.name ?? t.outbox.unnamed)}
      text={t.outbox.overwriteText}
      confirm={t.outbox.overwrite}
      action={() => editWrite(write.write_id, {})}
      onClose={onClose}
    />
  );
}

interface ConfirmedActProps {
  title: string;
  text: string;
  confirm: string;
  action: () => Promise<unknown>;
  onClose: () => void;
}

/** Asks first; stays open when it failed, and says why. */
export function ConfirmedAct({ action, onClose, ...texts }: ConfirmedActProps) {
  const { t } = useTranslation();
  const { busy, failure, act } = useAct();
  return (
    <Confirm
      open
      {...texts}
      cancel={t.app.cancel}
      busy={busy}
      onCancel={onClose}
      onConfirm={async () => {
        if (await act(action)) onClose();
      }}
    >
      {failure !== null && (
        <Notice urgent tone="bad" className="mt-3">
          {problemMessage(failure, t)}
        </Notice>
      )}
    </Confirm>
  );
}
