import { valibotResolver } from "@hookform/resolvers/valibot";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useForm } from "react-hook-form";
import { ClientFields } from "@/components/ClientFields";
import { Dialog } from "@/components/Dialog";
import { FormFooter } from "@/components/FormFooter";
import { showInFields } from "@/components/showInFields";
import { toast } from "@/components/Toaster";
import { refreshAfterWrite } from "@/core/live/clientCache";
import type { Objection } from "@/core/objections";
import { type ClientForm, clientSchema, EMPTY_FORM, toContent } from "@/core/rules/client";
import { useTranslation } from "@/i18n";
import { ObjectionNotice } from "./ObjectionNotice";
import { useCreateClient } from "./useCreateClient";
import { type LeaveGuard, useLeaveGuard } from "./useLeaveGuard";

interface NewClientDialogProps {
  open: boolean;
  onClose: () => void;
  onShow: (id: string) => void;
}

export function NewClientDialog({ open, onClose, onShow }: NewClientDialogProps) {
  const { t } = useTranslation();
  const guard = useLeaveGuard();
  /** Kept when one goes to look at the client that has the document already. */
  const draft = useRef<ClientForm>(EMPTY_FORM);
  const close = () =>
    guard.leave(() => {
      draft.current = EMPTY_FORM;
      onClose();
    });
  return (
    <>
      <Dialog open={open} onClose={close} title={t.form.newTitle} text={t.form.newText}>
        <NewClientForm
          draft={draft.current}
          guard={guard}
          onCancel={close}
          onCreated={(id) => {
            draft.current = EMPTY_FORM;
            onShow(id);
          }}
          onLookAt={(id, form) => {
            draft.current = form;
            onShow(id);
          }}
        />
      </Dialog>
      {guard.question}
    </>
  );
}

interface NewClientFormProps {
  draft: ClientForm;
  guard: LeaveGuard;
  onCancel: () => void;
  onCreated: (id: string) => void;
  onLookAt: (id: string, form: ClientForm) => void;
}

export function NewClientForm({ draft, guard, onCancel, onCreated, onLookAt }: NewClientFormProps) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const form = useForm<ClientForm>({
    resolver: valibotResolver(clientSchema, undefined, { raw: true }),
    defaultValues: EMPTY_FORM,
    values: draft,
    mode: "onSubmit",
  });
  const [objection, setObjection] = useState<Objection | null>(null);
  const [holder, setHolder] = useState<string | null>(null);
  const { create, savedId } = useCreateClient();
  const { isDirty, isSubmitting } = form.formState;
  const typed = isDirty || draft !== EMPTY_FORM;
  useEffect(() => {
    guard.mark(typed);
    return () => guard.mark(false);
  });

  const submit = form.handleSubmit(async (values) => {
    const answer = await create(toContent(values));
    if ("created" in answer) {
      guard.mark(false);
      toast(answer.created.pending ? t.client.createdPending : t.client.created);
      void refreshAfterWrite(cache, answer.created.id, answer.created.pending);
      onCreated(answer.created.id);
      return;
    }
    if (answer.objection.kind === "duplicate") setHolder(answer.objection.holder);
    setObjection(showInFields(form, answer.objection));
  });
  const look = (id: string) => {
    guard.mark(false);
    onLookAt(id, form.getValues());
  };

  return (
    <form data-testid="client-form" noValidate onSubmit={submit} className="flex min-h-0 flex-col">
      <div className="grid min-h-0 gap-4 overflow-y-auto px-5 py-4">
        <ClientFields form={form} holder={holder} onShowHolder={look} />
        <ObjectionNotice
          objection={objection}
          busy={isSubmitting}
          onRetry={submit}
          onShowSaved={() => onCreated(savedId())}
        />
      </div>
      <FormFooter busy={isSubmitting} onCancel={onCancel} cancel={t.app.cancel} />
    </form>
  );
}
