import { valibotResolver } from "@hookform/resolvers/valibot";
import { useEffect, useState } from "react";
import { type Resolver, useForm } from "react-hook-form";
import * as v from "valibot";
import { useLocation } from "wouter";
import { ClientFields } from "@/components/ClientFields";
import { Dialog } from "@/components/Dialog";
import { FormFooter } from "@/components/FormFooter";
import { Notice } from "@/components/Notice";
import { showInFields } from "@/components/showInFields";
import { editWrite } from "@/core/api/sync";
import {
  CLIENT_FIELDS,
  type ClientContent,
  type ClientField,
  type WaitingWrite,
} from "@/core/api/types";
import { objectionOf, objectionTo } from "@/core/objections";
import { type ClientForm, EMPTY_FORM, toContent, toForm } from "@/core/rules/client";
import { clientSchema } from "@/core/rules/schema";
import { useTranslation } from "@/i18n";
import { problemMessage } from "@/i18n/errors";

interface EditWaitingProps {
  write: WaitingWrite;
  onClose: () => void;
  onSent: () => void;
}

/** The rules of these fields; the form has the others too, empty and out of sight. */
function resolverFor(fields: ClientField[]): Resolver<ClientForm> {
  const rules = v.pick(clientSchema, fields as [ClientField]);
  return valibotResolver(rules, undefined, { raw: true }) as unknown as Resolver<ClientForm>;
}

const EMPTY_CONTENT = toContent(EMPTY_FORM);

/** Puts a refused write right: its own fields only, since it touches no others. */
export function EditWaiting(props: EditWaitingProps) {
  const { t } = useTranslation();
  return (
    <Dialog open onClose={props.onClose} title={t.outbox.editTitle}>
      <WaitingForm {...props} />
    </Dialog>
  );
}

function WaitingForm({ write, onClose, onSent }: EditWaitingProps) {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const fields = CLIENT_FIELDS.filter((field) => field in write.set);
  const form = useForm<ClientForm>({
    resolver: resolverFor(fields),
    defaultValues: toForm({ ...EMPTY_CONTENT, ...write.set }),
  });
  const [holder, setHolder] = useState<string | null>(write.reason?.holder ?? null);
  const [failure, setFailure] = useState<unknown>(null);
  const { setError } = form;

  useEffect(() => {
    // What the server objected to stands beside its field from the beginning.
    if (write.reason) showInFields({ setError }, objectionTo(write.reason));
  }, [write.reason, setError]);

  const submit = form.handleSubmit(async (values) => {
    const content = toContent(values);
    const set = Object.fromEntries(fields.map((field) => [field, content[field]]));
    try {
      await editWrite(write.write_id, set as Partial<ClientContent>);
      onSent();
    } catch (error) {
      const objection = objectionOf(error);
      if (objection.kind === "duplicate") setHolder(objection.holder);
      setFailure(showInFields(form, objection) && error);
    }
  });

  return (
    <form data-testid="waiting-form" noValidate onSubmit={submit} className="flex min-h-0 flex-col">
      <div className="grid min-h-0 gap-4 overflow-y-auto px-5 py-4">
        <ClientFields
          form={form}
          only={fields}
          holder={holder}
          onShowHolder={(id) => navigate(`/clients/${id}`)}
        />
        {failure !== null && (
          <Notice urgent tone="bad">
            {problemMessage(failure, t)}
          </Notice>
        )}
      </div>
      <FormFooter busy={form.formState.isSubmitting} cancel={t.app.cancel} onCancel={onClose} />
    </form>
  );
}
