import { valibotResolver } from "@hookform/resolvers/valibot";
import { useEffect, useState } from "react";
import { useForm } from "react-hook-form";
import { ClientFields } from "@/components/ClientFields";
import { FormFooter } from "@/components/FormFooter";
import { Notice } from "@/components/Notice";
import { showInFields } from "@/components/showInFields";
import type { LeaveGuard } from "@/components/useLeaveGuard";
import type { Client, ClientField, Conflict } from "@/core/api/types";
import { isNewer } from "@/core/live/apply";
import type { Objection } from "@/core/objections";
import { type ClientForm, changedFields, contentOf, toContent, toForm } from "@/core/rules/client";
import { clientSchema } from "@/core/rules/schema";
import { useTranslation } from "@/i18n";
import { ConflictChoice } from "./ConflictChoice";
import { DraftNotice } from "./DraftNotice";
import { DuplicateNotice } from "./DuplicateNotice";
import { ObjectionNotice } from "./ObjectionNotice";
import { useDraft } from "./useDraft";
import { useDuplicates } from "./useDuplicates";
import { type Saved, useUpdateClient } from "./useUpdateClient";

interface EditClientProps {
  /** The client as the form was loaded with it. */
  loaded: Client;
  /** The client as it is now, which the feed may have changed; null when it was deleted. */
  current: Client | null;
  guard: LeaveGuard;
  onCancel: () => void;
  onSaved: (outcome: Saved) => void;
  onShow: (id: string) => void;
}

export function EditClient({ loaded, current, guard, onCancel, onSaved, onShow }: EditClientProps) {
  const { t } = useTranslation();
  const form = useForm<ClientForm>({
    resolver: valibotResolver(clientSchema, undefined, { raw: true }),
    defaultValues: toForm(contentOf(loaded)),
    mode: "onSubmit",
  });
  const [objection, setObjection] = useState<Objection | null>(null);
  const [holder, setHolder] = useState<string | null>(null);
  const { update, settle, seen } = useUpdateClient(loaded);
  const draft = useDraft(loaded.id, form, seen);
  const duplicates = useDuplicates(newNumbers(form.watch(), loaded), loaded.id);
  const { isDirty, isSubmitting } = form.formState;
  useEffect(() => {
    guard.mark(isDirty, draft.clear);
    return () => guard.mark(false);
  });
  useEffect(() => form.setFocus("name"), [form]);

  const submit = form.handleSubmit(async (values) => {
    const answer = await update(values);
    if (answer.outcome !== "refused") {
      draft.clear();
      return onSaved(answer.outcome);
    }
    if (answer.objection.kind === "duplicate") setHolder(answer.objection.holder);
    if (answer.objection.kind === "conflict") settle(answer.objection.conflicts);
    setObjection(showInFields(form, answer.objection));
  });
  const choose = ({ field, theirs }: Conflict, mine: string | null) => {
    const name = field as ClientField;
    const value = toForm({ ...contentOf(loaded), [name]: mine ?? theirs })[name];
    form.setValue(name, value, { shouldDirty: true });
  };
  const giveUpDraft = () => {
    draft.clear();
    guard.mark(false);
    onCancel();
  };
  const conflicts = objection?.kind === "conflict" ? objection.conflicts : [];
  const changed = current !== null && isNewer(current, loaded) && conflicts.length === 0;

  return (
    <form
      data-testid="client-form"
      noValidate
      aria-label={t.form.editTitle}
      onSubmit={submit}
      onKeyDown={(event) => event.key === "Escape" && onCancel()}
      className="flex min-h-0 flex-1 flex-col"
    >
      <div className="grid min-h-0 flex-1 content-start gap-4 overflow-y-auto px-4 py-4 sm:px-5">
        {draft.recovered && <DraftNotice onDiscard={giveUpDraft} />}
        {changed && <Notice>{t.form.changedMeanwhile}</Notice>}
        {!current && <Notice tone="bad">{t.client.goneWhileEditing}</Notice>}
        {conflicts.length > 0 && <ConflictChoice conflicts={conflicts} onChoose={choose} />}
        <ClientFields
          form={form}
          holder={holder}
          onShowHolder={onShow}
          notes={{
            phone: duplicates.length > 0 && (
              <DuplicateNotice candidates={duplicates} onShow={onShow} />
            ),
          }}
        />
        <ObjectionNotice objection={objection} busy={isSubmitting} onRetry={submit} />
      </div>
      <FormFooter busy={isSubmitting} cancel={t.app.cancel} onCancel={onCancel} />
    </form>
  );
}

/** Only what was changed here is looked up: what two clients shared before is known. */
function newNumbers(form: ClientForm, loaded: Client) {
  const changed = changedFields(form, contentOf(loaded));
  const { name, document, phone } = toContent(form);
  return {
    name,
    document: changed.includes("document") ? document : null,
    phone: changed.includes("phone") ? phone : null,
  };
}
