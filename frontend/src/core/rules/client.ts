import * as v from "valibot";
import type { Client, ClientContent, ClientField } from "../api/types";
import { CLIENT_FIELDS } from "../api/types";
import { formatDocument } from "../format/document";
import { formatPhone } from "../format/phone";
import { compactDocument, documentError } from "./document";
import { phoneError } from "./phone";

/** The same bounds as the server's, in characters (code points). */
export const LIMITS = { name: 200, email: 254, phone: 32, document: 32, notes: 10_000 } as const;

/** What the form's fields hold: always text, empty when absent. */
export type ClientForm = Record<ClientField, string>;

/** A message here is a code that the dictionaries translate, as the server's own codes are. */
const text = (field: ClientField) =>
  v.pipe(
    v.string(),
    v.trim(),
    v.check((value) => [...value].length <= LIMITS[field], "too-long"),
    v.check((value) => !controls(field).test(value), "control-character"),
  );

const controls = (field: ClientField) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  field === "notes" ? /[\x00-\x08\x0b-\x1f\x7f-\x9f]/ : /[\x00-\x1f\x7f-\x9f]/;

const orEmpty = (check: (value: string) => boolean) => (value: string) =>
  value === "" || check(value);

export const clientSchema = v.object({
  name: v.pipe(text("name"), v.minLength(1, "required")),
  email: v.pipe(text("email"), v.check(orEmpty(isEmail), "email-format")),
  phone: v.pipe(
    text("phone"),
    v.check(
      orEmpty((value) => !phoneError(value)),
      "phone-format",
    ),
  ),
  document: v.pipe(
    text("document"),
    v.check(
      orEmpty((value) => documentError(value) !== "document-format"),
      "document-format",
    ),
    v.check(
      orEmpty((value) => documentError(value) !== "document-check-digits"),
      "document-check-digits",
    ),
  ),
  notes: text("notes"),
});

/** One @, and a domain with a dot; the server judges the rest. */
function isEmail(value: string): boolean {
  return /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(value);
}

export function toForm(client: ClientContent): ClientForm {
  return {
    name: client.name ?? "",
    document: formatDocument(client.document ?? ""),
    phone: formatPhone(client.phone ?? ""),
    email: client.email ?? "",
    notes: client.notes ?? "",
  };
}

export const EMPTY_FORM: ClientForm = { name: "", document: "", phone: "", email: "", notes: "" };

/** What is sent: trimmed, documents bare, null where nothing was filled in. */
export function toContent(form: ClientForm): ClientContent {
  const content = Object.fromEntries(
    CLIENT_FIELDS.map((field) => [field, form[field].trim() || null]),
  ) as ClientContent;
  return { ...content, document: content.document && compactDocument(content.document) };
}

export function contentOf(client: Client): ClientContent {
  const { name, document, phone, email, notes } = client;
  return { name, document, phone, email, notes };
}

/** The fields in which the form differs from what it was loaded with. */
export function changedFields(form: ClientForm, loaded: ClientContent): ClientField[] {
  const before = toContent(toForm(loaded));
  const after = toContent(form);
  return CLIENT_FIELDS.filter((field) => before[field] !== after[field]);
}
