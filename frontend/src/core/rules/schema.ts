import * as v from "valibot";
import type { ClientField } from "../api/types";
import { LIMITS } from "./client";
import { documentError } from "./document";
import { phoneError } from "./phone";

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

/** The rules of a client's form. */
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
