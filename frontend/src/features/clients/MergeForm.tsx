import { valibotResolver } from "@hookform/resolvers/valibot";
import { useState } from "react";
import { useForm, useWatch } from "react-hook-form";
import { Button } from "@/components/Button";
import { ClientFields } from "@/components/ClientFields";
import { Notice } from "@/components/Notice";
import { CLIENT_FIELDS, type Client, type ClientField } from "@/core/api/types";
import { mustChoose, type Pair, proposal, resultOf } from "@/core/merge";
import { type ClientForm, contentOf, toForm } from "@/core/rules/client";
import { clientSchema } from "@/core/rules/schema";
import { useTranslation } from "@/i18n";
import { problemMessage } from "@/i18n/errors";
import { Address } from "./Address";
import { Choice } from "./Choice";
import type { Merge, Merged } from "./useMerge";

interface MergeFormProps {
  opened: Client;
  other: Client;
  merge: Merge;
  onBack: () => void;
  onMerged: (pair: Pair, merged: Merged) => void;
}

/** Field by field: what one record has, what the other has, and what shall hold. */
export function MergeForm({ opened, other, merge, onBack, onMerged }: MergeFormProps) {
  const { t } = useTranslation();
  const [keepOther, setKeepOther] = useState(false);
  const pair = keepOther ? { kept: other, removed: opened } : { kept: opened, removed: other };
  const form = useForm<ClientForm>({
    resolver: valibotResolver(clientSchema, undefined, { raw: true }),
    defaultValues: proposal({ kept: opened, removed: other }),
  });
  const fields = CLIENT_FIELDS.filter((field) => opened[field] || other[field]);
  const submit = form.handleSubmit(async (values) => {
    if (mustChoose("document", pair) && !values.document.trim()) {
      form.setError("document", { type: "choose-document" }, { shouldFocus: true });
      return;
    }
    const merged = await merge.merge(pair, resultOf(values, pair));
    if (merged) onMerged(pair, merged);
  });
  return (
    <form data-testid="merge-form" noValidate onSubmit={submit} className="flex min-h-0 flex-col">
      <div className="grid min-h-0 gap-5 overflow-y-auto px-5 py-4">
        <fieldset>
          <legend className="mb-1.5 font-medium text-[0.8125rem]">{t.merge.which}</legend>
          <div className="grid gap-2 sm:grid-cols-2">
            <Record client={opened} chosen={!keepOther} onChoose={() => setKeepOther(false)} />
            <Record client={other} chosen={keepOther} onChoose={() => setKeepOther(true)} />
          </div>
        </fieldset>
        {fields.map((field) => (
          <FieldChoice key={field} field={field} sides={[opened, other]} form={form} />
        ))}
        {merge.error !== null && (
          <Notice urgent tone="warn" title={problemMessage(merge.error, t)}>
            {t.merge.undecided}
          </Notice>
        )}
      </div>
      <footer className="flex flex-wrap items-center justify-end gap-2 border-t px-5 py-3 pb-[max(0.75rem,env(safe-area-inset-bottom))]">
        <p className="mr-auto min-w-0 text-[0.8125rem] text-ink-soft [overflow-wrap:anywhere]">
          {t.merge.consequence(pair.removed.name)}
        </p>
        <Button onClick={onBack}>{t.merge.back}</Button>
        <Button type="submit" look="primary" busy={merge.busy} disabled={merge.busy}>
          {t.merge.submit}
        </Button>
      </footer>
    </form>
  );
}

interface RecordProps {
  client: Client;
  chosen: boolean;
  onChoose: () => void;
}

function Record({ client, chosen, onChoose }: RecordProps) {
  const { t, formats } = useTranslation();
  const since = client.created_at
    ? t.merge.since(formats.date(new Date(client.created_at)))
    : t.clients.pending;
  return (
    <Choice name="kept" checked={chosen} onChoose={onChoose} caption={since}>
      {client.name}
    </Choice>
  );
}

interface FieldChoiceProps {
  field: ClientField;
  sides: [Client, Client];
  form: ReturnType<typeof useForm<ClientForm>>;
}

function FieldChoice({ field, sides, form }: FieldChoiceProps) {
  const { t } = useTranslation();
  const now = useWatch({ control: form.control, name: field });
  const [left, right] = sides.map((client) => toForm(contentOf(client))[field]) as [string, string];
  const options = [
    { caption: t.merge.opened, value: left },
    { caption: t.merge.other, value: right },
    ...(field === "notes" && left && right && left !== right
      ? [{ caption: t.merge.both, value: `${left}\n\n${right}` }]
      : []),
  ];
  const choose = (value: string) => {
    form.setValue(field, value, { shouldDirty: true });
    form.clearErrors(field);
  };
  return (
    <div className="grid items-start gap-2 border-t pt-4 md:grid-cols-[minmax(0,3fr)_minmax(0,2fr)] md:gap-4">
      <fieldset className="min-w-0">
        <legend className="mb-1 font-medium text-[0.8125rem]">{t.fields[field]}</legend>
        {left === right ? (
          <p className="py-1.5 text-ink-soft">{t.merge.same}</p>
        ) : (
          <div className="grid gap-2 sm:grid-cols-2">
            {options.map(({ caption, value }) => (
              <Choice
                key={caption}
                name={field}
                checked={now === value}
                onChoose={() => choose(value)}
                caption={caption}
              >
                {field === "email" ? <Address email={value} /> : value}
                {value === "" && t.fields.empty}
              </Choice>
            ))}
          </div>
        )}
      </fieldset>
      <div>
        <ClientFields
          form={form}
          only={[field]}
          labelOf={() => t.merge.result(t.fields[field])}
          holder={null}
          onShowHolder={() => {}}
        />
      </div>
    </div>
  );
}
