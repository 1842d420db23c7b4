import { valibotResolver } from "@hookform/resolvers/valibot";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useForm } from "react-hook-form";
import { ClientFields } from "@/components/ClientFields";
import { FormFooter } from "@/components/FormFooter";
import { showInFields } from "@/components/showInFields";
import { toast } from "@/components/Toaster";
import type { LeaveGuard } from "@/components/useLeaveGuard";
import { refreshAfterWrite } from "@/core/live/clientCache";
import type { Objection } from "@/core/objections";
import { type ClientForm, EMPTY_FORM, toContent } from "@/core/rules/client";
import { clientSchema } from "@/core/rules/schema";
import { useTranslation } from "@/i18n";
import { DraftNotice } from "./DraftNotice";
import { DuplicateNotice } from "./DuplicateNotice";
import { NEW_CLIENT } from "./newClient";
import { ObjectionNotice } from "./ObjectionNotice";
import { useCreateClient } from "./useCreateClient";
import { useDraft } from "./useDraft";
import { useDuplicates } from "./useDuplicates";

interface NewClientFormProps {
  guard: LeaveGuard;
  onCancel: () => void;
  /** Shows a client: the one just made, or one that is there already. */
  onShow: (id: string) => void;
}

export function NewClientForm({ guard, onCancel, onShow }: NewClientFormProps) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const form = useForm<ClientForm>({
    resolver: valibotResolver(clientSchema, undefined, { raw: true }),
    defaultValues: EMPTY_FORM,
    mode: "onSubmit",
  });
  const draft = useDraft(NEW_CLIENT, form, () => null);
  const duplicates = useDuplicates(toContent(form.watch()), null);
  const [objection, setObjection] = useState<Objection | null>(null);
  const [holder, setHolder] = useState<string | null>(null);
  const { create, savedId } = useCreateClient();
  const { isDirty, isSubmitting } = form.formState;
  useEffect(() => {
    guard.mark(isDirty, draft.clear);
    return () => guard.mark(false);
  });
  useEffect(() => form.setFocus("name"), [form]);

  const done = (id: string) => {
    draft.clear();
    look(id);
  };
  /** What was typed stays a draft. */
  const look = (id: string) => {
    guard.mark(false);
    onShow(id);
  };
  const submit = form.handleSubmit(async (values) => {
    const answer = await create(toContent(values));
    if ("created" in answer) {
      const { id, pending } = answer.created;
      toast(pending ? t.client.createdPending : t.client.created);
      void refreshAfterWrite(cache, id, pending);
      return done(id);
    }
    if (answer.objection.kind === "duplicate") setHolder(answer.objection.holder);
    setObjection(showInFields(form, answer.objection));
  });
  const startOver = () => {
    draft.clear();
    form.reset(EMPTY_FORM);
    form.setFocus("name");
  };

  return (
    <form data-testid="client-form" noValidate onSubmit={submit} className="flex min-h-0 flex-col">
      <div className="grid min-h-0 gap-4 overflow-y-auto px-5 py-4">
        {draft.recovered && <DraftNotice onDiscard={startOver} />}
        <ClientFields
          form={form}
          holder={holder}
          onShowHolder={look}
          notes={{
            phone: duplicates.length > 0 && (
              <DuplicateNotice candidates={duplicates} onShow={look} />
            ),
          }}
        />
        <ObjectionNotice
          objection={objection}
          busy={isSubmitting}
          onRetry={submit}
          onShowSaved={() => done(savedId())}
        />
      </div>
      <FormFooter busy={isSubmitting} onCancel={onCancel} cancel={t.app.cancel} />
    </form>
  );
}
