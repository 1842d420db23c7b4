import { type ReactNode, useState } from "react";
import type { Task } from "./TaskDialog";
import { TaskDialog } from "./views";

/** The one dialog of a list of writes: it outlives the write that it was opened for. */
export function useWriteTasks(): { begin: (task: Task) => void; dialog: ReactNode } {
  const [task, setTask] = useState<Task | null>(null);
  const dialog = task && <TaskDialog task={task} onClose={() => setTask(null)} />;
  return { begin: setTask, dialog };
}
