import { describe, expect, it } from "vitest";
import { makeClient } from "@/test/samples";
import { Comparison, judge } from "./judge";
import type { Mapping, Row } from "./shapes";
import type { Table } from "./table";

const MAPPING: Mapping = { name: 0, document: 1, phone: 2, email: 3, notes: 4, id: 5 };
const [A, B] = ["0198c5a2-0000-7000-8000-00000000000a", "0198c5a2-0000-7000-8000-00000000000b"];

function judged(...rows: string[][]): Row[] {
  const table: Table = {
    header: [],
    rows: rows.map((cells, i) => ({ number: i + 2, cells })),
    delimiter: ",",
    encoding: "utf-8",
  };
  return judge(table, MAPPING);
}

const verdicts = (rows: Row[]) => rows.map(({ verdict }) => verdict);

describe("a row", () => {
  it("is judged by the rules of the form, every fault told", () => {
    const [row] = judged(["", "390.533.447-06", "12", "nobody", "", "17"]);

    expect(row?.verdict).toBe("invalid");
    expect(row?.faults).toEqual([
      { field: "id", code: "id-format" },
      { field: "name", code: "required" },
      { field: "document", code: "document-check-digits" },
      { field: "phone", code: "phone-format" },
      { field: "email", code: "email-format" },
    ]);
  });

  it("loses the apostrophe that guarded it, and the space around it", () => {
    const [row] = judged(["  '=Ana ", "", "'+5511987654321"]);

    expect(row?.form).toMatchObject({ name: "'=Ana", phone: "+5511987654321" });
  });

  it("repeats an earlier one by its document, however it is written", () => {
    const rows = judged(
      ["Ana", "390.533.447-05"],
      ["Bia", "529.982.247-25"],
      ["Ana Souza", "39053344705"],
    );

    expect(verdicts(rows)).toEqual(["new", "new", "repeated"]);
    expect(rows[2]?.twin).toBe(2);
  });

  it("without a document repeats only one that says the same in everything", () => {
    const rows = judged(
      ["Ana", "", "(11) 98765-4321", "ana@x.com"],
      ["Ana", "", "(11) 98765-4322", "ana@x.com"],
      ["Ana", "", "+5511987654321", "ana@X.com"],
    );

    expect(verdicts(rows)).toEqual(["new", "new", "repeated"]);
  });

  it("is not repeated by one that can't come in", () => {
    expect(verdicts(judged(["", "390.533.447-05"], ["Ana", "390.533.447-05"]))).toEqual([
      "invalid",
      "new",
    ]);
  });
});

describe("the comparison with the register", () => {
  it("finds rows by id, by document, and by everything", () => {
    const rows = judged(
      ["Ana", "", "", "", "", A],
      ["Bia", "390.533.447-05"],
      ["Caio", "", "(11) 98765-4321", "", "likes\r\ntea"],
      ["Davi"],
    );
    const comparison = new Comparison(rows);

    comparison.meet(makeClient(1, { id: A, name: "Someone" }));
    comparison.meet(makeClient(2, { id: B, name: "Other", document: "39053344705" }));
    comparison.meet(makeClient(3, { name: "Caio", phone: "+5511987654321", notes: "likes\ntea" }));
    comparison.meet(makeClient(4, { name: "Davi", email: "davi@example.com" }));

    expect(verdicts(rows)).toEqual(["known", "known", "known", "new"]);
    expect(rows.slice(0, 2).map(({ holder }) => holder)).toEqual([A, B]);
  });
});
