import { describe, expect, it } from "vitest";
import { formatsFor } from "@/i18n/formats";
import { formatAge } from "./age";

const pt = formatsFor("pt-BR").number;

describe("ages", () => {
  it.each([
    [-500, "0 s"],
    [8_900, "8 s"],
    [60_000, "1 min"],
    [3_599_000, "59 min"],
    [7_300_000, "2 h"],
    [5 * 86_400_000, "5 dias"],
  ])("%i ms → %s", (ms, text) => {
    expect(formatAge(ms, pt).replaceAll("\u00a0", " ")).toBe(text);
  });

  it("are written in the language", () => {
    expect(formatAge(8_000, formatsFor("en").number)).toBe("8 sec");
  });
});
