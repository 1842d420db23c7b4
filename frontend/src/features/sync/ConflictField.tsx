import type { FieldError, UseFormReturn } from "react-hook-form";
import { cn } from "@/components/cn";
import { Field, Input, Textarea } from "@/components/Field";
import type { ClientField } from "@/core/api/types";
import { formatField } from "@/core/format/field";
import type { ClientForm } from "@/core/rules/client";
import { useTranslation } from "@/i18n";
import { fieldMessage } from "@/i18n/errors";

interface ConflictFieldProps {
  form: UseFormReturn<ClientForm>;
  field: ClientField;
  mine: string | null;
  theirs: string | null;
  onTakeMine: () => void;
  onTakeTheirs: () => void;
}

/** One field: the two values to take by a press, and the result, which can be written as well. */
export function ConflictField(props: ConflictFieldProps) {
  const { form, field, mine, theirs, onTakeMine, onTakeTheirs } = props;
  const { t, formats } = useTranslation();
  const result = form.watch(field);
  const error = form.formState.errors[field];
  const [mineShown, theirsShown] = [formatField(field, mine), formatField(field, theirs)];
  return (
    <fieldset className="grid min-w-0 gap-2">
      <legend className="mb-1.5 font-semibold">{t.fields[field]}</legend>
      {mine === theirs ? (
        <p className="text-ink-faint text-[0.8125rem]">{t.outbox.same}</p>
      ) : (
        <div className="grid gap-2 sm:grid-cols-2">
          <Side label={t.form.mine} value={mineShown} result={result} onTake={onTakeMine} />
          <Side label={t.form.theirs} value={theirsShown} result={result} onTake={onTakeTheirs} />
        </div>
      )}
      <Field
        label={t.outbox.result}
        error={error && fieldMessage(codeOf(error), field, error.message, t, formats)}
      >
        {(ids) =>
          field === "notes" ? (
            <Textarea {...ids} {...form.register(field)} rows={3} />
          ) : (
            <Input {...ids} {...form.register(field)} autoComplete="off" />
          )
        }
      </Field>
    </fieldset>
  );
}

/** Our own rules put the code into the message; the server's objections into the type. */
function codeOf({ type, message }: FieldError): string {
  return type === "check" || type === "min_length" ? (message ?? "") : type;
}

interface SideProps {
  label: string;
  value: string;
  result: string;
  onTake: () => void;
}

function Side({ label, value, result, onTake }: SideProps) {
  const { t } = useTranslation();
  const taken = value === result;
  return (
    <button
      type="button"
      aria-pressed={taken}
      onClick={onTake}
      className={cn(
        "grid content-start rounded-md border bg-surface px-3 py-2 text-left hover:bg-hover",
        taken && "border-accent ring-1 ring-accent",
      )}
    >
      <span className="text-ink-faint text-xs">{label}</span>{" "}
      <span className="[overflow-wrap:anywhere]">{value || t.fields.empty}</span>
    </button>
  );
}
