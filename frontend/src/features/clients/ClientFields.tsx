import { useQuery } from "@tanstack/react-query";
import type { FocusEvent } from "react";
import type { FieldError, UseFormReturn } from "react-hook-form";
import { Field, Input, Textarea } from "@/components/Field";
import { readClient } from "@/core/api/clients";
import type { ClientField } from "@/core/api/types";
import { formatDocument } from "@/core/format/document";
import { formatPhone } from "@/core/format/phone";
import { keys } from "@/core/live/clientCache";
import type { ClientForm } from "@/core/rules/client";
import { documentError } from "@/core/rules/document";
import { toE164 } from "@/core/rules/phone";
import { useTranslation } from "@/i18n";
import { fieldMessage } from "@/i18n/errors";

interface ClientFieldsProps {
  form: UseFormReturn<ClientForm>;
  /** The client that already has the document, when that was the server's objection. */
  holder: string | null;
  onShowHolder: (id: string) => void;
}

/** The fields of a client, for creating and for editing. */
export function ClientFields({ form, holder, onShowHolder }: ClientFieldsProps) {
  const { t, formats } = useTranslation();
  const { errors } = form.formState;
  const message = (field: ClientField) => {
    const error = errors[field];
    if (!error) return undefined;
    const text = fieldMessage(codeOf(error), field, error.message, t, formats);
    if (codeOf(error) !== "duplicate-document" || !holder) return text;
    return <HeldBy text={text} holder={holder} onShow={onShowHolder} />;
  };
  const control = (field: ClientField) => form.register(field, { onBlur: settle(form, field) });
  return (
    <>
      <Field label={t.fields.name} error={message("name")}>
        {(ids) => <Input {...ids} {...control("name")} autoComplete="off" aria-required="true" />}
      </Field>
      <div className="grid gap-4 sm:grid-cols-2 sm:gap-3">
        <Field
          label={t.fields.document}
          aside={t.form.optional}
          hint={t.form.documentHint}
          error={message("document")}
        >
          {(ids) => (
            <Input
              {...ids}
              {...control("document")}
              autoComplete="off"
              spellCheck={false}
              autoCapitalize="characters"
              className="tabular-nums"
            />
          )}
        </Field>
        <Field
          label={t.fields.phone}
          aside={t.form.optional}
          hint={t.form.phoneHint}
          error={message("phone")}
        >
          {(ids) => (
            <Input
              {...ids}
              {...control("phone")}
              type="tel"
              autoComplete="off"
              className="tabular-nums"
            />
          )}
        </Field>
      </div>
      <Field label={t.fields.email} aside={t.form.optional} error={message("email")}>
        {(ids) => (
          <Input
            {...ids}
            {...control("email")}
            type="text"
            inputMode="email"
            autoComplete="off"
            spellCheck={false}
            autoCapitalize="none"
          />
        )}
      </Field>
      <Field label={t.fields.notes} aside={t.form.optional} error={message("notes")}>
        {(ids) => <Textarea {...ids} {...control("notes")} rows={3} />}
      </Field>
    </>
  );
}

/** Our own rules put the code into the message; the server's objections into the type. */
function codeOf(error: FieldError): string {
  return error.type === "check" || error.type === "min_length" ? (error.message ?? "") : error.type;
}

/** On leaving a field: shows a number as it will be written, or says what is wrong with it. */
function settle(form: UseFormReturn<ClientForm>, field: ClientField) {
  return (event: FocusEvent<HTMLInputElement>) => {
    const text = event.target.value.trim();
    if (text === "") return;
    const written = asWritten(field, text);
    if (written !== event.target.value) form.setValue(field, written, { shouldDirty: true });
    const isServers = form.formState.errors[field]?.type === "duplicate-document";
    if (!isServers) void form.trigger(field);
  };
}

function asWritten(field: ClientField, text: string): string {
  if (field === "document" && !documentError(text)) return formatDocument(text);
  const phone = field === "phone" ? toE164(text) : null;
  return phone ? formatPhone(phone) : text;
}

interface HeldByProps {
  text: string;
  holder: string;
  onShow: (id: string) => void;
}

function HeldBy({ text, holder, onShow }: HeldByProps) {
  const { t } = useTranslation();
  const { data } = useQuery({
    queryKey: keys.client(holder),
    queryFn: ({ signal }) => readClient(holder, signal),
  });
  const name = data?.state === "here" ? data.client.name : t.form.holderOther;
  return (
    <>
      {text} {t.form.holder}{" "}
      <a
        href={`/clients/${holder}`}
        title={t.form.openHolder}
        className="font-semibold underline underline-offset-2"
        onClick={(event) => {
          event.preventDefault();
          onShow(holder);
        }}
      >
        {name}
      </a>
      .
    </>
  );
}
