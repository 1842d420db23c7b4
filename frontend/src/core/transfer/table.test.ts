import { describe, expect, it } from "vitest";
import { csvLine } from "./csvLine";
import { readTable, unguarded } from "./table";

const bytes = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer;
const latin = (text: string) =>
  new Uint8Array([...text].map((letter) => letter.charCodeAt(0))).buffer as ArrayBuffer;
const cells = (text: string) => readTable(bytes(text)).rows.map((row) => row.cells);

describe("a file", () => {
  it.each([
    [",", "name,notes\r\nAna,a;b"],
    [";", "nome;obs\nAna;olá, tudo bem, sim"],
    ["\t", "name\tnotes\nAna\ta, b; c"],
    [",", "name\nAna"],
  ])("is separated by %j", (delimiter, text) => {
    expect(readTable(bytes(text)).delimiter).toBe(delimiter);
  });

  it("is read in UTF-8 with or without its mark, else in Windows-1252", () => {
    for (const text of ["nome\nJoão", "\ufeffnome\nJoão"]) {
      const table = readTable(bytes(text));
      expect([table.header, table.rows[0]?.cells, table.encoding]).toEqual([
        ["nome"],
        ["João"],
        "utf-8",
      ]);
    }
    const table = readTable(latin("nome\nJoão"));
    expect([table.rows[0]?.cells, table.encoding]).toEqual([["João"], "windows-1252"]);
  });

  it("has quotes, separators and lines within its cells", () => {
    expect(cells('name,notes\r\n"a ""b"", c","one\ntwo"\r\n')).toEqual([['a "b", c', "one\ntwo"]]);
  });

  it("numbers its rows as spreadsheets do, empty ones included", () => {
    const { rows } = readTable(bytes("name,notes\n\nAna,\n,\nBia,\n"));

    expect(rows.map(({ number, cells: [name] }) => [number, name])).toEqual([
      [3, "Ana"],
      [5, "Bia"],
    ]);
  });

  it.each([
    ["empty", ""],
    ["empty", "name,phone\n\n ,\n"],
    ["quotes", 'name,notes\nAna,"open\nBia,'],
    [
      "too-many-columns",
      `${Array.from({ length: 61 }, (_, n) => `c${n}`).join()}\n${",".repeat(59)}x`,
    ],
  ])("is refused as %s", (code, text) => {
    expect(() => readTable(bytes(text))).toThrow(expect.objectContaining({ code }));
  });
});

describe("a cell", () => {
  it.each([
    ["'+5511987654321", "+5511987654321"],
    ["'=1", "=1"],
    ["''=1", "'=1"],
    ["'tis", "'tis"],
    ["''", "''"],
  ])("%s means %s", (cell, meant) => {
    expect(unguarded(cell)).toBe(meant);
  });

  it("is quoted where that is needed, and read again as it was", () => {
    const row = ["a;b", 'c "d"', "e\nf", "g,h", ""];

    expect(csvLine(row, ";")).toBe('"a;b";"c ""d""";"e\nf";g,h;\r\n');
    expect(cells(csvLine(["1", "2", "3", "4", "5"], ";") + csvLine(row, ";"))).toEqual([row]);
  });
});
