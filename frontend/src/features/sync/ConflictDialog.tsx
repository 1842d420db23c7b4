import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { Button } from "@/components/Button";
import { FormFooter } from "@/components/FormFooter";
import { Notice } from "@/components/Notice";
import { showInFields } from "@/components/showInFields";
import { type ClientLookup, readClient } from "@/core/api/clients";
import type { ClientContent, ClientField, WaitingWrite } from "@/core/api/types";
import { keys } from "@/core/live/clientCache";
import type { Objection } from "@/core/objections";
import { type ClientForm, contentOf, toForm } from "@/core/rules/client";
import { useTranslation } from "@/i18n";
import { ConflictField } from "./ConflictField";
import { FormDialog, useTyped, type Ways } from "./FormDialog";
import { Objected } from "./Objected";
import type { TaskProps } from "./TaskDialog";
import { useResend } from "./useResend";
import { WriteTitle } from "./WriteTitle";
import { contentOfForm, EMPTY_CONTENT, fieldsOf, resolverFor } from "./writeForm";

/** Both sides of a conflict, field by field, and what shall hold. */
export function ConflictDialog(props: TaskProps) {
  const { t } = useTranslation();
  return (
    <FormDialog
      onClose={props.onClose}
      title={t.outbox.decideTitle}
      text={t.outbox.decideText}
      className="sm:w-[40rem]"
    >
      {(ways) => <ConflictForm {...props} ways={ways} />}
    </FormDialog>
  );
}

function ConflictForm({ write, onClose, ways }: TaskProps & { ways: Ways }) {
  const { t } = useTranslation();
  const fields = fieldsOf(write);
  const mine = { ...EMPTY_CONTENT, ...write.set };
  const register = useRegister(write);
  const form = useForm<ClientForm>({ resolver: resolverFor(fields), defaultValues: toForm(mine) });
  const [objection, setObjection] = useState<Objection | null>(null);
  const [changedAgain, setChangedAgain] = useState(false);
  const resend = useResend({ write, onClose });
  const values = form.watch();
  const sides = [toForm(mine), toForm(register.content)];
  // A side that was taken is taken again by one press: only what is on neither can be lost.
  useTyped(
    ways,
    fields.some((field) => sides.every((side) => side[field] !== values[field])),
  );
  const take = (side: ClientContent, taken: ClientField[]) => {
    for (const field of taken) {
      form.setValue(field, toForm(side)[field], { shouldDirty: true });
      form.clearErrors(field);
    }
  };

  const submit = form.handleSubmit(async (values) => {
    // Sent is what was decided in the knowledge of the register: never over what nobody here saw.
    const moved = await register.hasMoved(fields);
    setChangedAgain(moved);
    if (moved) return;
    const refused = await resend(contentOfForm(values, fields));
    if (!refused) return;
    setChangedAgain(refused.kind === "conflict");
    setObjection(refused.kind === "conflict" ? null : showInFields(form, refused));
    await register.refetch();
  });

  return (
    <form
      data-testid="conflict-form"
      noValidate
      onSubmit={submit}
      className="flex min-h-0 flex-col"
    >
      <div className="grid min-h-0 gap-5 overflow-y-auto px-5 py-4">
        <div className="flex flex-wrap items-center gap-2">
          <div className="min-w-0 flex-1 basis-48">
            <WriteTitle write={write} onShow={ways.show} />
          </div>
          <div className="flex flex-wrap gap-2">
            <Button size="small" onClick={() => take(mine, fields)}>
              {t.outbox.allMine}
            </Button>
            <Button size="small" onClick={() => take(register.content, fields)}>
              {t.outbox.allTheirs}
            </Button>
          </div>
        </div>
        {changedAgain && (
          <Notice urgent tone="warn">
            {t.outbox.changedAgain}
          </Notice>
        )}
        {fields.map((field) => (
          <ConflictField
            key={field}
            form={form}
            field={field}
            mine={mine[field]}
            theirs={register.content[field]}
            onTakeMine={() => take(mine, [field])}
            onTakeTheirs={() => take(register.content, [field])}
          />
        ))}
        <Objected objection={objection} />
      </div>
      <FormFooter busy={form.formState.isSubmitting} cancel={t.app.cancel} onCancel={ways.close} />
    </form>
  );
}

/** What the register holds: live where it can be read, else as the refusal told it. */
function useRegister(write: WaitingWrite) {
  const { data, refetch } = useQuery({
    queryKey: keys.client(write.client_id),
    queryFn: ({ signal }) => readClient(write.client_id, signal),
  });
  const content = told(data) ?? asRefused(write);
  const hasMoved = async (fields: ClientField[]) => {
    const now = told((await refetch()).data);
    return now !== null && fields.some((field) => now[field] !== content[field]);
  };
  return { content, refetch, hasMoved };
}

function told(lookup: ClientLookup | undefined): ClientContent | null {
  return lookup?.state === "here" ? contentOf(lookup.client) : null;
}

function asRefused({ was, reason }: WaitingWrite): ClientContent {
  const conflicts = (reason?.conflicts ?? []).map(({ field, theirs }) => [field, theirs]);
  return { ...EMPTY_CONTENT, ...was, ...Object.fromEntries(conflicts) };
}
