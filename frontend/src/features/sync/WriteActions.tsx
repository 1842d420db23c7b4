import { Button } from "@/components/Button";
import { Notice } from "@/components/Notice";
import { useAccess } from "@/components/useAccess";
import { type Act, may } from "@/core/access";
import { retryWrite } from "@/core/api/sync";
import type { WaitingWrite } from "@/core/api/types";
import { type Remedy, remediesFor } from "@/core/sync/remedies";
import { verdictOn } from "@/core/sync/verdict";
import { useTranslation } from "@/i18n";
import { problemMessage } from "@/i18n/errors";
import type { Task } from "./TaskDialog";
import { useAct } from "./useAct";

interface WriteActionsProps {
  write: WaitingWrite;
  onTask: (task: Task) => void;
}

/** To send what was written is for whoever keeps the branch going; to write is not. */
const NEEDS: Record<Remedy, Act> = {
  now: "repair",
  again: "repair",
  discard: "repair",
  decide: "write",
  overwrite: "write",
  edit: "write",
  renew: "write",
};

/** What can be done about a write: some at once, some in a dialog. */
export function WriteActions({ write, onTask }: WriteActionsProps) {
  const { t } = useTranslation();
  const { busy, failure, act } = useAct();
  const labels: Record<Remedy, string> = {
    now: t.outbox.sendNow,
    again: t.outbox.sendAgain,
    decide: t.outbox.decide,
    overwrite: t.outbox.overwrite,
    edit: t.outbox.edit,
    renew: t.outbox.renew,
    discard: t.outbox.discard,
  };
  const run = (remedy: Remedy) => {
    if (remedy === "now") return act(() => retryWrite(write.write_id), t.outbox.tried);
    if (remedy === "again") return act(() => sendAgain(write.write_id));
    onTask({ remedy, write });
  };
  const access = useAccess();
  const remedies = remediesFor(write).filter((remedy) => may(access, NEEDS[remedy]));
  return (
    <div className="grid gap-2">
      {failure !== null && (
        <Notice urgent tone="bad">
          {problemMessage(failure, t)}
        </Notice>
      )}
      <div className="flex flex-wrap gap-2">
        {remedies.map((remedy, i) => (
          <Button
            key={remedy}
            size="small"
            look={lookOf(remedy, i === 0 && remedies.length > 1)}
            disabled={busy}
            onClick={() => run(remedy)}
          >
            {labels[remedy]}
          </Button>
        ))}
      </div>
    </div>
  );
}

function lookOf(remedy: Remedy, best: boolean) {
  if (remedy === "discard") return "dangerGhost";
  return best ? "primary" : "secondary";
}

/** Once more; what the server says to it is soon in the list, or else that it is gone from there. */
async function sendAgain(write_id: string): Promise<void> {
  await verdictOn((await retryWrite(write_id)).write_id);
}
