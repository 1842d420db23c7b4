import { describe, expect, it } from "vitest";
import { compactDocument, documentError, documentKind } from "./document";

describe("a document", () => {
  it.each([
    ["CPF", "39053344705"],
    ["CPF with punctuation", "529.982.247-25"],
    ["CPF that begins with zeros", "000.000.001-91"],
    ["CNPJ", "16727230000197"],
    ["CNPJ with punctuation", "16.727.230/0001-97"],
    ["alphanumeric CNPJ, as published by the Receita Federal", "12.ABC.345/01DE-35"],
    ["alphanumeric CNPJ in small letters", "12abc34501de35"],
  ])("is accepted: %s", (_, text) => {
    expect(documentError(text)).toBeNull();
  });

  it.each([
    ["CPF", "39053344706"],
    ["CPF of one repeated digit", "111.111.111-11"],
    ["CPF of zeros", "00000000000"],
    ["CNPJ", "16.727.230.0001-98"],
    ["alphanumeric CNPJ", "12ABC34501DE36"],
    ["alphanumeric CNPJ with two letters exchanged", "12BAC34501DE35"],
  ])("with wrong check digits is told so: %s", (_, text) => {
    expect(documentError(text)).toBe("document-check-digits");
  });

  it.each([
    ["too short", "3905334470"],
    ["between CPF and CNPJ", "390533447051"],
    ["letters in a CPF", "3905334470A"],
    ["letters in a CNPJ's check digits", "12ABC34501DEA5"],
    ["a CNPJ of zeros", "00000000000000"],
    ["a letter that is no ASCII", "12ÁBC34501DE35"],
  ])("of another form is told so: %s", (_, text) => {
    expect(documentError(text)).toBe("document-format");
  });

  it("is stored without punctuation, in capitals", () => {
    expect(compactDocument(" 12.abc.345/01de-35 ")).toBe("12ABC34501DE35");
  });

  it("is known as CPF or CNPJ by its length", () => {
    expect(["390.533.447-05", "12.ABC.345/01DE-35", "1"].map(documentKind)).toEqual([
      "CPF",
      "CNPJ",
      null,
    ]);
  });
});
