import { useState } from "react";
import { cn } from "@/components/cn";
import { Notice } from "@/components/Notice";
import type { ClientField, Conflict } from "@/core/api/types";
import { formatField } from "@/core/format/field";
import { useTranslation } from "@/i18n";

interface ConflictChoiceProps {
  conflicts: Conflict[];
  /** `mine` is the value that shall hold, or null for the register's. */
  onChoose: (conflict: Conflict, mine: string | null) => void;
}

/** Shows what two people wrote into the same fields, and lets the second decide. */
export function ConflictChoice({ conflicts, onChoose }: ConflictChoiceProps) {
  const { t } = useTranslation();
  return (
    <Notice urgent tone="warn" title={t.form.conflictTitle}>
      <p>{t.form.conflictText}</p>
      <div className="mt-2 grid gap-3">
        {conflicts.map((conflict) => (
          <Choice key={conflict.field} conflict={conflict} onChoose={onChoose} />
        ))}
      </div>
    </Notice>
  );
}

function Choice({
  conflict,
  onChoose,
}: { conflict: Conflict } & Pick<ConflictChoiceProps, "onChoose">) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<"mine" | "theirs">("mine");
  const { field, yours, theirs } = conflict;
  const choose = (which: "mine" | "theirs") => {
    setChosen(which);
    onChoose(conflict, which === "mine" ? yours : null);
  };
  const sides = [
    { which: "mine", label: t.form.mine, value: yours },
    { which: "theirs", label: t.form.theirs, value: theirs },
  ] as const;
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 font-medium">{t.fields[field as ClientField] ?? field}</legend>
      <div className="grid gap-1.5">
        {sides.map(({ which, label, value }) => (
          <label
            key={which}
            className={cn(
              "flex cursor-pointer items-start gap-2 rounded-md border bg-surface px-2.5 py-2",
              chosen === which && "border-accent ring-1 ring-accent",
            )}
          >
            <input
              type="radio"
              name={`conflict-${field}`}
              className="mt-1 accent-accent"
              checked={chosen === which}
              onChange={() => choose(which)}
            />
            <span className="min-w-0 [overflow-wrap:anywhere]">
              <span className="block text-ink-faint text-xs">{label}</span>
              {formatField(field, value) || t.fields.empty}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
