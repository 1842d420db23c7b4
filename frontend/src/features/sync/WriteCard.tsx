import { CLIENT_FIELDS, type WaitingWrite } from "@/core/api/types";
import { formatField } from "@/core/format/field";
import { useTranslation } from "@/i18n";
import { ReasonNotice } from "./ReasonNotice";
import type { Task } from "./TaskDialog";
import { WriteActions } from "./WriteActions";
import { WriteFacts } from "./WriteFacts";
import { WriteTitle } from "./WriteTitle";

interface WriteCardProps {
  write: WaitingWrite;
  toldAt: number;
  onTask: (task: Task) => void;
}

/** One write that waits or was refused: what it says, why it is here, what can be done. */
export function WriteCard({ write, toldAt, onTask }: WriteCardProps) {
  return (
    <li data-testid="write-card" className="grid gap-2.5 rounded-xl border bg-surface px-4 py-3">
      <div className="grid gap-0.5">
        <WriteTitle write={write} />
        <WriteFacts write={write} toldAt={toldAt} />
      </div>
      <Content write={write} />
      {write.reason && <ReasonNotice reason={write.reason} />}
      <WriteActions write={write} onTask={onTask} />
    </li>
  );
}

/** What it sets; fields in conflict are told with both sides, below. */
function Content({ write: { set, operation, reason } }: { write: WaitingWrite }) {
  const { t } = useTranslation();
  const disputed = reason?.conflicts?.map(({ field }) => field) ?? [];
  const fields = CLIENT_FIELDS.filter((field) => {
    return field in set && !disputed.includes(field) && (operation === "update" || set[field]);
  });
  if (fields.length === 0) return null;
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-[0.8125rem]">
      {fields.map((field) => (
        <div key={field} className="contents">
          <dt className="text-ink-faint">{t.fields[field]}</dt>
          <dd className="[overflow-wrap:anywhere]">
            {formatField(field, set[field]) || t.fields.empty}
          </dd>
        </div>
      ))}
    </dl>
  );
}
