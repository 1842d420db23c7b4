import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useForm } from "react-hook-form";
import { ClientFields } from "@/components/ClientFields";
import { FormFooter } from "@/components/FormFooter";
import { showInFields } from "@/components/showInFields";
import { toast } from "@/components/Toaster";
import { createClient, readHistory } from "@/core/api/clients";
import { discardWrite } from "@/core/api/sync";
import { CLIENT_FIELDS, type ClientContent } from "@/core/api/types";
import { lastKnown } from "@/core/history";
import { keys } from "@/core/live/clientCache";
import { isUndecided, type Objection, objectionOf } from "@/core/objections";
import { type ClientForm, contentOf, toContent, toForm } from "@/core/rules/client";
import { uuid7 } from "@/core/uuid";
import { useTranslation } from "@/i18n";
import { FormDialog, useTyped, type Ways } from "./FormDialog";
import { Objected } from "./Objected";
import type { TaskProps } from "./TaskDialog";
import { useRefresh } from "./useRefresh";
import { EMPTY_CONTENT, resolverFor } from "./writeForm";

/** Registers what a write was about as a client of its own: the one it was for is gone. */
export function RenewDialog(props: TaskProps) {
  const { t } = useTranslation();
  const { client_id, was, set } = props.write;
  const { data, isError } = useQuery({
    queryKey: keys.history(client_id),
    queryFn: ({ signal }) => readHistory(client_id, signal),
  });
  const last = lastKnown(data?.changes);
  const known = last ? contentOf(last) : { ...EMPTY_CONTENT, ...was };
  return (
    <FormDialog onClose={props.onClose} title={t.outbox.renewTitle} text={t.outbox.renewText}>
      {(ways) =>
        data || isError ? (
          <RenewForm {...props} ways={ways} content={{ ...known, ...set }} />
        ) : (
          <p className="p-5 text-ink-faint">{t.app.loading}</p>
        )
      }
    </FormDialog>
  );
}

interface RenewFormProps extends TaskProps {
  ways: Ways;
  content: ClientContent;
}

function RenewForm({ write, onClose, ways, content }: RenewFormProps) {
  const { t } = useTranslation();
  const form = useForm<ClientForm>({
    resolver: resolverFor(CLIENT_FIELDS),
    defaultValues: toForm(content),
  });
  const [holder, setHolder] = useState<string | null>(null);
  const [objection, setObjection] = useState<Objection | null>(null);
  const renew = useRenew({ write, onClose });
  useTyped(ways, form.formState.isDirty);
  const submit = form.handleSubmit(async (values) => {
    const refused = await renew(toContent(values));
    if (refused?.kind === "duplicate") setHolder(refused.holder);
    setObjection(refused && showInFields(form, refused));
  });
  return (
    <form data-testid="renew-form" noValidate onSubmit={submit} className="flex min-h-0 flex-col">
      <div className="grid min-h-0 gap-4 overflow-y-auto px-5 py-4">
        <ClientFields form={form} holder={holder} onShowHolder={ways.show} />
        <Objected objection={objection} />
      </div>
      <FormFooter busy={form.formState.isSubmitting} cancel={t.app.cancel} onCancel={ways.close} />
    </form>
  );
}

/** Creates the client, once however often it is tried, and then closes the refused write. */
function useRenew({ write, onClose }: TaskProps) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const key = useRef(uuid7());
  return async (content: ClientContent): Promise<Objection | null> => {
    try {
      const { pending } = await createClient(content, key.current);
      // Should this fail, the refused write is still in the list, to be discarded there.
      await discardWrite(write.write_id).catch(() => {});
      toast(pending ? t.outbox.kept : t.outbox.sent);
    } catch (error) {
      const objection = objectionOf(error);
      if (!isUndecided(objection) && objection.kind !== "key-reused") key.current = uuid7();
      return objection;
    } finally {
      void refresh();
    }
    onClose();
    return null;
  };
}
