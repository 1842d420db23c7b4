import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { makeClient } from "@/test/samples";
import { drafts } from "./drafts";
import { EMPTY_FORM } from "./rules/client";

const draft = (name: string) => ({ form: { ...EMPTY_FORM, name }, loaded: null });

function storage(): Storage {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => items.set(key, value),
    removeItem: (key: string) => items.delete(key),
  } as unknown as Storage;
}

beforeEach(() => vi.stubGlobal("sessionStorage", storage()));
afterEach(() => vi.unstubAllGlobals());

describe("drafts", () => {
  it("are kept each by itself, with what the form was loaded with", () => {
    const loaded = makeClient(1);
    drafts.set("new", draft("Ana"));
    drafts.set(loaded.id, { ...draft("Bia"), loaded });

    expect(drafts.get("new")).toEqual(draft("Ana"));
    expect(drafts.get(loaded.id)).toEqual({ ...draft("Bia"), loaded });
  });

  it("go when they are saved or given up, and leave nothing behind", () => {
    drafts.set("new", draft("Ana"));

    drafts.clear("new");

    expect(drafts.get("new")).toBeNull();
    expect(sessionStorage.getItem("clientela.drafts")).toBeNull();
  });

  it("are few: the one that was touched longest ago makes room", () => {
    for (let i = 0; i < 8; i++) drafts.set(`client-${i}`, draft(`Name ${i}`));
    drafts.set("client-0", draft("Again"));
    drafts.set("new", draft("Ana"));

    expect(drafts.get("client-1")).toBeNull();
    expect(drafts.get("client-0")).toEqual(draft("Again"));
    expect(drafts.get("new")).toEqual(draft("Ana"));
  });

  it("are not kept when they are far too long", () => {
    drafts.set("new", draft("a".repeat(100_000)));

    expect(drafts.get("new")).toBeNull();
  });

  it.each(["{", "[1]", "null", '{"new": {"form": {"name": 1}, "loaded": null}}'])(
    "are not read from %s",
    (text) => {
      sessionStorage.setItem("clientela.drafts", text);

      expect(drafts.get("new")).toBeNull();
    },
  );

  it("do without storage that is switched off", () => {
    vi.stubGlobal("sessionStorage", undefined);

    drafts.set("new", draft("Ana"));

    expect(drafts.get("new")).toBeNull();
  });
});
