import { useEffect, useState } from "react";
import { useForm } from "react-hook-form";
import { ClientFields } from "@/components/ClientFields";
import { FormFooter } from "@/components/FormFooter";
import { showInFields } from "@/components/showInFields";
import { type Objection, objectionTo } from "@/core/objections";
import { type ClientForm, toForm } from "@/core/rules/client";
import { useTranslation } from "@/i18n";
import { FormDialog, useTyped, type Ways } from "./FormDialog";
import { Objected } from "./Objected";
import type { TaskProps } from "./TaskDialog";
import { useResend } from "./useResend";
import { WriteTitle } from "./WriteTitle";
import { contentOfForm, EMPTY_CONTENT, fieldsOf, resolverFor } from "./writeForm";

/** Puts a refused write right: its own fields only, since it touches no others. */
export function EditWaiting(props: TaskProps) {
  const { t } = useTranslation();
  return (
    <FormDialog onClose={props.onClose} title={t.outbox.editTitle}>
      {(ways) => <WaitingForm {...props} ways={ways} />}
    </FormDialog>
  );
}

function WaitingForm({ write, onClose, ways }: TaskProps & { ways: Ways }) {
  const { t } = useTranslation();
  const fields = fieldsOf(write);
  const form = useForm<ClientForm>({
    resolver: resolverFor(fields),
    defaultValues: toForm({ ...EMPTY_CONTENT, ...write.set }),
  });
  const [holder, setHolder] = useState<string | null>(write.reason?.holder ?? null);
  const [objection, setObjection] = useState<Objection | null>(null);
  const resend = useResend({ write, onClose });
  const { setError } = form;
  useTyped(ways, form.formState.isDirty);

  useEffect(() => {
    // What the server objected to stands beside its field from the beginning.
    if (write.reason) showInFields({ setError }, objectionTo(write.reason));
  }, [write.reason, setError]);

  const submit = form.handleSubmit(async (values) => {
    const refused = await resend(contentOfForm(values, fields));
    if (!refused) return;
    if (refused.kind === "duplicate") setHolder(refused.holder);
    setObjection(showInFields(form, refused));
  });

  return (
    <form data-testid="waiting-form" noValidate onSubmit={submit} className="flex min-h-0 flex-col">
      <div className="grid min-h-0 gap-4 overflow-y-auto px-5 py-4">
        <WriteTitle write={write} onShow={ways.show} />
        <ClientFields form={form} only={fields} holder={holder} onShowHolder={ways.show} />
        <Objected objection={objection} />
      </div>
      <FormFooter busy={form.formState.isSubmitting} cancel={t.app.cancel} onCancel={ways.close} />
    </form>
  );
}
