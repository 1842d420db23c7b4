import { fold, inShort } from "../text";
import { type Mapping, TARGETS, type Target } from "./shapes";
import type { Table } from "./table";

/** What columns are called in the files that people have, the likeliest first. */
const NAMES: Record<Exclude<Target, "id">, string[]> = {
  name: [
    ...["nome", "name", "nomecompleto", "fullname", "razaosocial", "nomefantasia", "nomedocliente"],
    ...["cliente", "client", "customer", "clientname", "customername", "empresa", "company"],
  ],
  document: [
    ...["documento", "document", "cpfcnpj", "cnpjcpf", "cpfoucnpj", "cpforcnpj", "cpf", "cnpj"],
    ...["doc", "taxid"],
  ],
  phone: [
    ...["telefone", "phone", "celular", "fone", "tel", "whatsapp", "mobile", "phonenumber"],
    ...["telefonecelular", "cellphone", "contato"],
  ],
  email: ["email", "mail", "correioeletronico", "emailaddress", "enderecodeemail"],
  notes: [
    ...["observacoes", "observacao", "notes", "obs", "notas", "nota", "note", "comentarios"],
    ...["comments", "remarks", "anotacoes"],
  ],
};
const BEGINNING_MIN = 4; // letters: "Telefone 1" is a telephone, "Telas" is not
const SAMPLE_ROWS = 20;
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** Whether a text can be the id of a new client: a UUID of version 7 or 4. */
export function isNewId(text: string): boolean {
  return ID.test(text);
}

/** Guesses from the header, and for ids from the cells, which column is what. */
export function guessMapping(table: Table): Mapping {
  const headers = table.header.map((name) => fold(name).replace(/[^a-z0-9]/g, ""));
  const mapping = Object.fromEntries(TARGETS.map((target) => [target, null])) as Mapping;
  const free = (column: number) => column >= 0 && !Object.values(mapping).includes(column);
  const id = headers.indexOf("id");
  if (free(id) && holdsIds(table, id)) mapping.id = id;
  for (const fits of [
    (header: string, name: string) => header === name,
    (header: string, name: string) => name.length >= BEGINNING_MIN && header.startsWith(name),
  ]) {
    for (const [target, names] of Object.entries(NAMES) as [Exclude<Target, "id">, string[]][]) {
      if (mapping[target] !== null) continue;
      const columns = names.map((name) => headers.findIndex((header) => fits(header, name)));
      mapping[target] = columns.find(free) ?? null;
    }
  }
  return mapping;
}

function holdsIds(table: Table, column: number): boolean {
  return table.rows
    .slice(0, SAMPLE_ROWS)
    .every(({ cells }) => isNewId(cells[column]?.trim() ?? ""));
}

/** What the first filled cell of each column says. */
export function examples(table: Table): string[] {
  const rows = table.rows.slice(0, SAMPLE_ROWS).map(({ cells }) => cells);
  const first = (column: number) => rows.map((cells) => cells[column]?.trim() ?? "").find(Boolean);
  return table.header.map((_, column) => inShort(first(column) ?? ""));
}
