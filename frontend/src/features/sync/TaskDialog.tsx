import type { WaitingWrite } from "@/core/api/types";
import type { Remedy } from "@/core/sync/remedies";
import { DiscardWrite, OverwriteDeletion } from "./Confirmations";
import { ConflictDialog } from "./ConflictDialog";
import { EditWaiting } from "./EditWaiting";
import { RenewDialog } from "./RenewDialog";

export interface Task {
  remedy: Exclude<Remedy, "now" | "again">;
  write: WaitingWrite;
}

export interface TaskProps {
  write: WaitingWrite;
  onClose: () => void;
}

const dialogs = {
  decide: ConflictDialog,
  edit: EditWaiting,
  renew: RenewDialog,
  overwrite: OverwriteDeletion,
  discard: DiscardWrite,
};

/** What a person does about a refused write, with the forms that it takes. */
export default function TaskDialog({ task, onClose }: { task: Task; onClose: () => void }) {
  const Dialog = dialogs[task.remedy];
  return <Dialog write={task.write} onClose={onClose} />;
}
