import type { Client, ClientContent, ClientField } from "../api/types";
import { CLIENT_FIELDS } from "../api/types";
import { formatDocument } from "../format/document";
import { formatPhone } from "../format/phone";
import { compactDocument } from "./document";

/** The same bounds as the server's, in characters (code points). */
export const LIMITS = { name: 200, email: 254, phone: 32, document: 32, notes: 10_000 } as const;

/** What the form's fields hold: always text, empty when absent. */
export type ClientForm = Record<ClientField, string>;

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
