import * as v from "valibot";
import { CLIENT_FIELDS, type Client, type ClientContent } from "../api/types";
import { type ClientForm, contentOf, toContent } from "../rules/client";
import { toE164 } from "../rules/phone";
import { clientSchema } from "../rules/schema";
import { isNewId } from "./columns";
import type { Fault, Mapping, Row } from "./shapes";
import { type Table, unguarded } from "./table";

/** Says of each row what can be said without the register: valid, invalid, or said before. */
export function judge(table: Table, mapping: Mapping): Row[] {
  const seen = new Map<string, number>();
  return table.rows.map(({ number, cells }) => {
    const cell = (column: number | null) =>
      column === null
        ? ""
        : unguarded(cells[column] ?? "")
            .trim()
            .replace(/\r\n?/g, "\n");
    const form = Object.fromEntries(
      CLIENT_FIELDS.map((field) => [field, cell(mapping[field])]),
    ) as ClientForm;
    const id = cell(mapping.id).toLowerCase() || null;
    const faults = faultsOf(form, id);
    const row: Row = { number, id, form, verdict: faults.length ? "invalid" : "new", faults };
    if (row.verdict === "new") markRepeated(row, seen);
    return row;
  });
}

function faultsOf(form: ClientForm, id: string | null): Fault[] {
  const faults: Fault[] = id && !isNewId(id) ? [{ field: "id", code: "id-format" }] : [];
  const checked = v.safeParse(clientSchema, form);
  for (const field of CLIENT_FIELDS) {
    const issue = checked.issues?.find(({ path }) => path?.[0].key === field);
    if (issue) faults.push({ field, code: issue.message });
  }
  return faults;
}

function markRepeated(row: Row, seen: Map<string, number>): void {
  const keys = keysOf(row.id, toContent(row.form));
  const twin = keys.map((key) => seen.get(key)).find((number) => number !== undefined);
  if (twin !== undefined) Object.assign(row, { verdict: "repeated", twin });
  else for (const key of keys) seen.set(key, row.number);
}

/** Compares with the register while it streams by: memory is bounded by the file's rows. */
export class Comparison {
  private readonly waiting = new Map<string, Row>();

  constructor(rows: readonly Row[]) {
    for (const row of rows) {
      if (row.verdict !== "new") continue;
      for (const key of keysOf(row.id, toContent(row.form))) this.waiting.set(key, row);
    }
  }

  meet(client: Client): void {
    for (const key of keysOf(client.id, contentOf(client))) {
      const row = this.waiting.get(key);
      if (row) Object.assign(row, { verdict: "known", holder: client.id });
    }
  }
}

/** By what two clients are the same one: id, document, or without a document all that is known. */
function keysOf(id: string | null, content: ClientContent): string[] {
  const keys = id ? [`id ${id}`] : [];
  if (content.document) return [...keys, `document ${content.document}`];
  const { name, phone, email, notes } = content;
  const [address, domain] = email?.split("@") ?? [];
  return [
    ...keys,
    JSON.stringify([
      name?.normalize(),
      phone && (toE164(phone) ?? phone),
      email && `${address}@${domain?.toLowerCase()}`,
      notes?.normalize() ?? null,
    ]),
  ];
}
