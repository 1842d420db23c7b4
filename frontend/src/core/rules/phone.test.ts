import { describe, expect, it } from "vitest";
import { phoneError, toE164 } from "./phone";

describe("a phone number", () => {
  it.each([
    ["(11) 98765-4321", "+5511987654321"],
    ["011 3456-7890", "+551134567890"],
    ["5511987654321", "+5511987654321"],
    ["+351 912 345 678", "+351912345678"],
    ["0800 123 4567", "+558001234567"],
  ])("%s is read as %s", (text, expected) => {
    expect(toE164(text)).toBe(expected);
  });

  it.each(["123", "11 98765 ramal 4", "+55+11987654321", "+1234567890123456"])(
    "%s is refused",
    (text) => {
      expect(phoneError(text)).toBe("phone-format");
    },
  );

  it("that only the server can judge is let through, and not rewritten", () => {
    expect([phoneError("4004 0001"), toE164("4004 0001")]).toEqual([null, null]);
  });
});
