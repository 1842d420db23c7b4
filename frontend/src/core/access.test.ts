import { describe, expect, it } from "vitest";
import { type Act, isSignedOut, may } from "./access";

const ACTS: Act[] = ["write", "repair", "watch"];
const who = (role: string | null) => ({ access: "guarded" as const, role, name: role });

describe("what one may do", () => {
  it.each([
    ["reader", []],
    ["counter", ["write", "repair"]],
    ["operator", ["repair", "watch"]],
    ["admin", ["write", "repair", "watch"]],
    ["a role of a newer facade", []],
    [null, []],
  ])("as %s is %j", (role, expected) => {
    expect(ACTS.filter((act) => may(who(role), act))).toEqual(expected);
  });

  it("is everything where the pages are open", () => {
    const open = { access: "open" as const, role: null, name: null };

    expect(ACTS.every((act) => may(open, act))).toBe(true);
    expect(isSignedOut(open)).toBe(false);
  });

  it("is to sign in where nobody has", () => {
    expect(isSignedOut(who(null))).toBe(true);
    expect(isSignedOut(who("reader"))).toBe(false);
  });
});
