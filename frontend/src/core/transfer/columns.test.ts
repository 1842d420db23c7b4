import { describe, expect, it } from "vitest";
import { examples, guessMapping } from "./columns";
import type { Table } from "./table";

const ID = "0198c5a2-0000-7000-8000-000000000001";

function table(header: string[], ...rows: string[][]): Table {
  const numbered = rows.map((cells, i) => ({ number: i + 2, cells }));
  return { header, rows: numbered, delimiter: ",", encoding: "utf-8" };
}

/** What each field was guessed to be called in the file. */
function guessed(...header: string[]) {
  const mapping = Object.entries(
    guessMapping(
      table(
        header,
        header.map(() => "x"),
      ),
    ),
  );
  return Object.fromEntries(
    mapping.flatMap(([field, column]) => (column === null ? [] : [[field, header[column]]])),
  );
}

describe("columns", () => {
  it("are guessed in Portuguese", () => {
    expect(
      guessed("Cidade", "NOME COMPLETO", "CPF/CNPJ", "Celular", "E-mail", "Observações"),
    ).toEqual({
      name: "NOME COMPLETO",
      document: "CPF/CNPJ",
      phone: "Celular",
      email: "E-mail",
      notes: "Observações",
    });
  });

  it("are guessed in English, as an export names them", () => {
    const header = ["id", "name", "document", "phone", "email", "notes", "created_at"];
    const mapping = guessMapping(table(header, [ID, "Ana", "", "", "", "", ""]));

    expect(mapping).toEqual({ id: 0, name: 1, document: 2, phone: 3, email: 4, notes: 5 });
  });

  it("are guessed by their beginning where nothing fits better", () => {
    expect(guessed("Telefone 2", "Telefone", "Nome fantasia 1")).toEqual({
      phone: "Telefone",
      name: "Nome fantasia 1",
    });
    expect(guessed("Telefone residencial")).toEqual({ phone: "Telefone residencial" });
  });

  it("are taken for one field each", () => {
    expect(guessed("Cliente", "Nome")).toEqual({ name: "Nome" });
  });

  it("of other systems' numbers are no ids", () => {
    expect(guessMapping(table(["id", "name"], ["17", "Ana"])).id).toBeNull();
  });

  it("show an example, a long one in short", () => {
    const found = examples(
      table(["a", "b", "c"], ["", " x ", ""], ["first", "y", "z".repeat(200)]),
    );

    expect(found.slice(0, 2)).toEqual(["first", "x"]);
    expect(found[2]).toBe(`${"z".repeat(80)}…`);
  });
});
