import { lazy, type ReactNode, Suspense, useState } from "react";
import type { Task } from "./TaskDialog";
import { loadTasks } from "./views";

const TaskDialog = lazy(loadTasks);

/** The one dialog of a list of writes: it outlives the write that it was opened for. */
export function useWriteTasks(): { begin: (task: Task) => void; dialog: ReactNode } {
  const [task, setTask] = useState<Task | null>(null);
  const dialog = task && (
    <Suspense>
      <TaskDialog task={task} onClose={() => setTask(null)} />
    </Suspense>
  );
  return { begin: setTask, dialog };
}
