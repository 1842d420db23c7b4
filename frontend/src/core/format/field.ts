import { formatDocument } from "./document";
import { formatPhone } from "./phone";

/** A field's value as people write it; empty when there is none. */
export function formatField(field: string, value: string | null | undefined): string {
  if (field === "document") return formatDocument(value ?? "");
  return field === "phone" ? formatPhone(value ?? "") : (value ?? "");
}
