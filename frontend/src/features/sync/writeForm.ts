import { valibotResolver } from "@hookform/resolvers/valibot";
import type { Resolver } from "react-hook-form";
import * as v from "valibot";
import {
  CLIENT_FIELDS,
  type ClientContent,
  type ClientField,
  type WaitingWrite,
} from "@/core/api/types";
import { type ClientForm, EMPTY_FORM, toContent } from "@/core/rules/client";
import { clientSchema } from "@/core/rules/schema";

export const EMPTY_CONTENT: ClientContent = toContent(EMPTY_FORM);

/** The fields that a write touches, in the order of the forms. */
export function fieldsOf({ set }: WaitingWrite): ClientField[] {
  return CLIENT_FIELDS.filter((field) => field in set);
}

/** The rules of these fields; the form has the others too, empty and out of sight. */
export function resolverFor(fields: readonly ClientField[]): Resolver<ClientForm> {
  const rules = v.pick(clientSchema, fields as unknown as [ClientField]);
  return valibotResolver(rules, undefined, { raw: true }) as unknown as Resolver<ClientForm>;
}

export function contentOfForm(form: ClientForm, fields: ClientField[]): Partial<ClientContent> {
  const content = toContent(form);
  return Object.fromEntries(fields.map((field) => [field, content[field]]));
}
