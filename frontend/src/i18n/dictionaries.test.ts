import { describe, expect, it } from "vitest";
import { en } from "./en";
import { fieldMessage } from "./errors";
import { formatsFor } from "./formats";
import { pt } from "./pt";

type Entry = [path: string, text: unknown];

function entries(tree: object, path = ""): Entry[] {
  return Object.entries(tree).flatMap(([key, value]): Entry[] =>
    typeof value === "object" ? entries(value, `${path}${key}.`) : [[path + key, value]],
  );
}

describe("the dictionaries", () => {
  it("have the same entries, maps of codes included", () => {
    expect(entries(en).map(([path]) => path)).toEqual(entries(pt).map(([path]) => path));
  });

  it("leave nothing empty, and take the same values", () => {
    const english = new Map(entries(en));
    for (const [path, text] of entries(pt)) {
      const other = english.get(path);
      expect(text, path).toBeTruthy();
      expect(other, path).toBeTruthy();
      if (typeof text === "function") expect(other, path).toHaveLength(text.length);
    }
  });

  it("know every code that the server gives for a field", () => {
    const codes = [
      "required",
      "too-long",
      "type",
      "unknown-field",
      "control-character",
      "email-format",
      "phone-format",
      "document-format",
      "document-check-digits",
      "name-blank",
    ];

    expect(codes.filter((code) => !pt.errors[code] || !en.errors[code])).toEqual([]);
  });

  it("tell the bound of a field, and fall back to the server's words for a code of the future", () => {
    const formats = formatsFor("pt-BR");

    expect(fieldMessage("too-long", "notes", undefined, pt, formats)).toContain("10.000");
    expect(fieldMessage("new-code", "name", "Said by the server.", pt, formats)).toBe(
      "Said by the server.",
    );
  });
});
