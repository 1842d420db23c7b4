import { describe, expect, it } from "vitest";
import { makeClient } from "@/test/samples";
import { candidates, numbersOf } from "./duplicates";

const ana = makeClient(1, { name: "Ana Conceição", phone: "+5511987654321" });
const brother = makeClient(2, { name: "Beto Conceição", phone: "+5511987654321" });
const company = makeClient(3, { name: "Estrela", document: "12ABC34501DE35" });
const typed = (fields: Partial<Record<"name" | "document" | "phone", string>>) => ({
  name: null,
  document: null,
  phone: null,
  ...fields,
});
const likenesses = (fields: Parameters<typeof typed>[0], self: string | null = null) =>
  candidates(typed(fields), [brother, ana, company, ana], self).map(({ client, likeness }) => [
    client.name,
    likeness,
  ]);

describe("what to look up", () => {
  it("is whole numbers, as the register writes them", () => {
    expect(numbersOf(typed({ document: "12.abc.345/01de-35", phone: "(11) 98765-4321" }))).toEqual([
      "12ABC34501DE35",
      "5511987654321",
    ]);
  });

  it("is nothing while a number is half typed or wrong", () => {
    expect(numbersOf(typed({ name: "Ana", document: "390.533.447-06", phone: "11 987" }))).toEqual(
      [],
    );
  });
});

describe("likely duplicates", () => {
  it("have the same document, however it is written", () => {
    expect(likenesses({ document: "12.abc.345/01de-35" })).toEqual([["Estrela", "document"]]);
  });

  it("have the same phone, and first of all the same name without accents, case and dots", () => {
    expect(likenesses({ name: " ana.  CONCEICAO ", phone: "11 98765-4321" })).toEqual([
      ["Ana Conceição", "name-and-phone"],
      ["Beto Conceição", "phone"],
    ]);
  });

  it("are not those that merely contain the number", () => {
    expect(likenesses({ phone: "11 8765-4321" })).toEqual([]);
  });

  it("are not the client itself", () => {
    expect(likenesses({ phone: "11 98765-4321" }, ana.id)).toEqual([["Beto Conceição", "phone"]]);
  });
});
