import { useRef } from "react";
import { toast } from "@/components/Toaster";
import { editWrite } from "@/core/api/sync";
import type { ClientContent } from "@/core/api/types";
import { type Objection, objectionOf, objectionTo } from "@/core/objections";
import { verdictOn } from "@/core/sync/verdict";
import { useTranslation } from "@/i18n";
import type { TaskProps } from "./TaskDialog";
import { useRefresh } from "./useRefresh";
import { useSyncState } from "./useSyncState";

/**
 * Sends a refused write with other content and awaits the verdict: the dialog closes when it was
 * accepted or is kept here. A refusal is given back, and what is then sent replaces that new write.
 */
export function useResend({ write, onClose }: TaskProps) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const offline = useSyncState().state === "offline";
  const latest = useRef(write.write_id);

  const resend = async (set: Partial<ClientContent>): Promise<Objection | null> => {
    try {
      const { write_id } = await editWrite(latest.current, set);
      latest.current = write_id;
      const { outcome, reason } = await verdictOn(write_id, offline ? { patienceMs: 0 } : {});
      void refresh();
      if (outcome === "refused") return objectionTo(reason ?? {});
      toast(outcome === "accepted" ? t.outbox.sent : t.outbox.kept);
    } catch (error) {
      return objectionOf(error);
    }
    onClose();
    return null;
  };
  return resend;
}
