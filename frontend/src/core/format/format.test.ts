import { describe, expect, it } from "vitest";
import { formatsFor } from "@/i18n/formats";
import { formatDocument } from "./document";
import { formatLatency, versionOf } from "./latency";
import { formatPhone } from "./phone";

describe("formats", () => {
  it.each([
    ["39053344705", "390.533.447-05"],
    ["16727230000197", "16.727.230/0001-97"],
    ["12ABC34501DE35", "12.ABC.345/01DE-35"],
    ["12", "12"],
  ])("document %s → %s", (document, expected) => {
    expect(formatDocument(document)).toBe(expected);
  });

  it.each([
    ["+5511987654321", "(11) 98765-4321"],
    ["+551134567890", "(11) 3456-7890"],
    ["+558001234567", "0800 123 4567"],
    ["+351912345678", "+351 912 345 678"],
    ["+14155550123", "+1 415 555 0123"],
    ["+4930123456", "+49 3012 3456"],
    ["unknown", "unknown"],
  ])("phone %s → %s", (phone, expected) => {
    expect(formatPhone(phone)).toBe(expected);
  });

  it.each([
    [0, "0 µs"],
    [853, "853 µs"],
    [1_254, "1,25 ms"],
    [12_540, "12,5 ms"],
    [125_400, "125 ms"],
    [1_500_000, "1,5 s"],
  ])("latency of %i µs → %s in Portuguese", (us, expected) => {
    expect(formatLatency(us, formatsFor("pt-BR").number)).toBe(expected);
  });

  it("gives decimals and times as the language writes them", () => {
    const afternoon = new Date(2026, 6, 1, 14, 5, 9);

    expect(formatsFor("pt-BR").percent(0.0123)).toBe("1,23%");
    expect(formatsFor("en").percent(0.0123)).toBe("1.23%");
    expect(formatsFor("en").time(afternoon)).toBe("14:05:09");
    expect(formatsFor("pt-BR").timeShort(afternoon)).toBe("14:05");
    expect(formatsFor("pt-BR").bytes(1_530)).toBe("1,5 kB");
  });

  it("reads the version within a position", () => {
    expect(versionOf("0000000001_00000000000000000042")).toBe(42);
    expect([versionOf(null), versionOf("42")]).toEqual([null, null]);
  });
});
