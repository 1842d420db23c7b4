import { describe, expect, it } from "vitest";
import { waitingWrite } from "@/test/samples";
import { remediesFor } from "./remedies";

const refused = (code: string, operation: "insert" | "update" | "delete" = "update") =>
  waitingWrite({ outcome: "refused", operation, reason: { code, detail: "" } as never });

describe("what can be done about a write", () => {
  it("is only to hurry, while the server may already have it", () => {
    expect(remediesFor(waitingWrite({ outcome: "pending" }))).toEqual(["now"]);
  });

  it("is to compare, in a conflict", () => {
    expect(remediesFor(refused("conflict"))).toEqual(["decide", "discard"]);
    expect(remediesFor(refused("conflict", "delete"))).toEqual(["overwrite", "discard"]);
  });

  it("is to edit what is not valid, or held by another", () => {
    for (const code of ["invalid", "duplicate-document"]) {
      expect(remediesFor(refused(code, "insert"))[0]).toBe("edit");
    }
  });

  it("is to register anew when the client is gone", () => {
    expect(remediesFor(refused("gone"))).toEqual(["renew", "discard"]);
  });

  it("can always be to let it go, once refused", () => {
    for (const code of ["conflict", "invalid", "gone", "depends-on", "of-the-future"]) {
      expect(remediesFor(refused(code))).toContain("discard");
    }
  });
});
