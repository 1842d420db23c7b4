import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { makeClient } from "@/test/samples";
import { changedFields, contentOf, EMPTY_FORM, toContent, toForm } from "./client";
import { clientSchema } from "./schema";

const codes = (fields: Partial<typeof EMPTY_FORM>) => {
  const { issues = [] } = v.safeParse(clientSchema, { ...EMPTY_FORM, name: "Ana", ...fields });
  return issues.map((issue) => [v.getDotPath(issue), issue.message]);
};

describe("the form's rules", () => {
  it("ask for nothing but a name", () => {
    expect(codes({})).toEqual([]);
    expect(codes({ name: "  " })).toEqual([["name", "required"]]);
  });

  it("count characters as people do, not UTF-16 units", () => {
    expect(codes({ name: "🍕".repeat(200) })).toEqual([]);
    expect(codes({ name: "🍕".repeat(201) })).toEqual([["name", "too-long"]]);
  });

  it("take line breaks in notes only", () => {
    expect(codes({ notes: "one\ntwo\tthree" })).toEqual([]);
    expect(codes({ name: "one\u0000two" })).toEqual([["name", "control-character"]]);
  });

  it.each(["ana", "ana@", "ana@exemplo", "ana@.com", "a b@exemplo.com", "a@b@exemplo.com"])(
    "refuse %s as an e-mail",
    (email) => {
      expect(codes({ email })).toEqual([["email", "email-format"]]);
    },
  );

  it("tell a wrong form of a document from wrong check digits", () => {
    expect(codes({ document: "123" })).toEqual([["document", "document-format"]]);
    expect(codes({ document: "390.533.447-06" })).toEqual([["document", "document-check-digits"]]);
  });
});

describe("what is sent", () => {
  const loaded = contentOf(
    makeClient(1, { phone: "+5511987654321", document: "39053344705", notes: "x" }),
  );

  it("is trimmed, with null for what is empty and documents bare", () => {
    const form = { ...EMPTY_FORM, name: " Ana ", document: "390.533.447-05", email: "  " };

    expect(toContent(form)).toEqual({
      name: "Ana",
      document: "39053344705",
      phone: null,
      email: null,
      notes: null,
    });
  });

  it("is nothing when the form still shows what was loaded", () => {
    expect(changedFields(toForm(loaded), loaded)).toEqual([]);
  });

  it("is the changed fields only", () => {
    const form = { ...toForm(loaded), notes: "", document: "39053344705" };

    expect(changedFields(form, loaded)).toEqual(["notes"]);
  });
});
