import type { FieldPath, UseFormReturn } from "react-hook-form";
import { CLIENT_FIELDS, type FieldError } from "@/core/api/types";
import type { Objection } from "@/core/objections";
import type { ClientForm } from "@/core/rules/client";

/** Puts what concerns a field beside it; gives what concerns none. */
export function showInFields(
  form: Pick<UseFormReturn<ClientForm>, "setError">,
  objection: Objection,
): Objection | null {
  if (objection.kind === "duplicate") {
    form.setError("document", { type: "duplicate-document" }, { shouldFocus: true });
    return null;
  }
  if (objection.kind !== "fields") return objection;
  const isOurs = ({ field }: FieldError) => (CLIENT_FIELDS as readonly string[]).includes(field);
  const [ours, others] = [
    objection.errors.filter(isOurs),
    objection.errors.filter((e) => !isOurs(e)),
  ];
  ours.forEach(({ field, code, detail }, i) => {
    const error = { type: code ?? "server", message: detail };
    form.setError(field as FieldPath<ClientForm>, error, { shouldFocus: i === 0 });
  });
  const rest = others.map(({ field, detail }) => `${field}: ${detail}`).join("; ");
  return rest ? { kind: "other", code: undefined, detail: rest } : null;
}
