import { useQuery } from "@tanstack/react-query";
import { type ComponentProps, type FocusEvent, Fragment, type ReactNode } from "react";
import type { FieldError, UseFormRegisterReturn, UseFormReturn } from "react-hook-form";
import { Field, Input, Textarea } from "@/components/Field";
import { readClient } from "@/core/api/clients";
import { CLIENT_FIELDS, type ClientField } from "@/core/api/types";
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
  /** Only these, of a change that touches no others. */
  only?: readonly ClientField[];
  /** Where the field's own name would not say enough. */
  labelOf?: (field: ClientField) => string;
  /** What is to be said of a field's value, below it. */
  notes?: Partial<Record<ClientField, ReactNode>>;
}

/** The fields of a client, for creating and for editing. */
export function ClientFields({
  form,
  holder,
  onShowHolder,
  only = CLIENT_FIELDS,
  labelOf,
  notes = {},
}: ClientFieldsProps) {
  const { t, formats } = useTranslation();
  const { errors } = form.formState;
  const hints: Partial<ClientForm> = { document: t.form.documentHint, phone: t.form.phoneHint };
  const message = (field: ClientField) => {
    const error = errors[field];
    if (!error) return undefined;
    const text = fieldMessage(codeOf(error), field, error.message, t, formats);
    if (codeOf(error) !== "duplicate-document" || !holder) return text;
    return <HeldBy text={text} holder={holder} onShow={onShowHolder} />;
  };
  return (
    <div className="grid gap-4 sm:grid-cols-2 sm:gap-x-3">
      {only.map((field) => {
        const half = field === "document" || field === "phone";
        const register = form.register(field, { onBlur: settle(form, field) });
        return (
          <Fragment key={field}>
            <div className={half && only.length > 1 ? "" : "sm:col-span-2"}>
              <Field
                label={labelOf?.(field) ?? t.fields[field]}
                aside={field === "name" ? undefined : t.form.optional}
                hint={hints[field]}
                error={message(field)}
              >
                {(ids) => <Control field={field} {...ids} {...register} />}
              </Field>
            </div>
            {notes[field] && <div className="sm:col-span-2">{notes[field]}</div>}
          </Fragment>
        );
      })}
    </div>
  );
}

/** How each field is typed into: what keyboards of phones show, and what browsers leave alone. */
const controls: Record<ClientField, ComponentProps<"input">> = {
  name: { "aria-required": true },
  document: { spellCheck: false, autoCapitalize: "characters", className: "tabular-nums" },
  phone: { type: "tel", className: "tabular-nums" },
  email: { inputMode: "email", spellCheck: false, autoCapitalize: "none" },
  notes: {},
};

type ControlProps = { field: ClientField; id: string } & UseFormRegisterReturn;

function Control({ field, ...rest }: ControlProps) {
  if (field === "notes") return <Textarea {...rest} rows={3} />;
  return <Input {...rest} {...controls[field]} autoComplete="off" />;
}

/** Our own rules put the code into the message; the server's objections into the type. */
function codeOf(error: FieldError): string {
  return isOurs(error) ? (error.message ?? "") : error.type;
}

function isOurs({ type }: FieldError): boolean {
  return type === "check" || type === "min_length";
}

/** On leaving a field: shows a number as it will be written, or says what is wrong with it. */
function settle(form: UseFormReturn<ClientForm>, field: ClientField) {
  return (event: FocusEvent<HTMLInputElement>) => {
    const text = event.target.value.trim();
    if (text === "") return;
    const written = asWritten(field, text);
    if (written !== event.target.value) form.setValue(field, written, { shouldDirty: true });
    const error = form.formState.errors[field];
    // What the server objected to stands until the text is changed: our rules know less.
    if (!error || isOurs(error)) void form.trigger(field);
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
