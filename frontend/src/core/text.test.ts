import { describe, expect, it } from "vitest";
import { highlight, initials } from "./text";
import { uuid7 } from "./uuid";

const marked = (text: string, q: string) =>
  highlight(text, q)
    .map((piece) => (piece.hit ? `[${piece.text}]` : piece.text))
    .join("");

describe("what was searched for", () => {
  it.each([
    ["Antônio Araújo", "araujo anto", "[Antô]nio [Araújo]"],
    ["Ana Silvana", "ana", "[Ana] Silvana"],
    ["ana@exemplo.com", "exe", "ana@[exe]mplo.com"],
    ["Ana", "x", "Ana"],
  ])("is marked where words begin: %s, %s → %s", (text, q, expected) => {
    expect(marked(text, q)).toBe(expected);
  });
});

it.each([
  ["Ana Lima Oliveira", "AO"],
  ["Padaria", "P"],
  ["S.A. Água & Cia.", "SC"],
  ["…", ""],
])("initials of %s are %s", (name, expected) => {
  expect(initials(name)).toBe(expected);
});

describe("a new id", () => {
  it("is a UUIDv7 that carries its time", () => {
    expect(uuid7(0x0198c5a27d31, new Uint8Array(10).fill(0xff))).toBe(
      "0198c5a2-7d31-7fff-bfff-ffffffffffff",
    );
  });

  it("sorts after an earlier one", () => {
    expect(uuid7(2_000) > uuid7(1_999)).toBe(true);
  });
});
