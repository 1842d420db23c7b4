import type { Client } from "./api/types";
import { CLIENT_FIELDS } from "./api/types";
import type { ClientForm } from "./rules/client";

/** What was typed into a form and not saved. */
export interface Draft {
  form: ClientForm;
  /** Of an edit: the client as the form was loaded with it, so that conflicts stay honest. */
  loaded: Client | null;
}

const DRAFTS_MAX = 8; // a person types into one or two
const CHARACTERS_MAX = 60_000; // of one draft: all fields at their longest, three times over
const ITEM = "clientela.drafts";

type Drafts = Record<string, Draft>;

/** Drafts live as long as the browser's tab; where storage is switched off, as long as the form. */
export const drafts = {
  /** `key` is a client's id, or `new`. */
  get(key: string): Draft | null {
    return read()[key] ?? null;
  },
  set(key: string, draft: Draft): void {
    if (JSON.stringify(draft).length > CHARACTERS_MAX) return;
    const { [key]: _, ...others } = read();
    const kept = Object.entries(others).slice(-(DRAFTS_MAX - 1));
    write({ ...Object.fromEntries(kept), [key]: draft });
  },
  clearAll(): void {
    write({});
  },
  clear(key: string): void {
    const { [key]: gone, ...others } = read();
    if (gone) write(others);
  },
};

function read(): Drafts {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(ITEM) ?? "{}");
    return Object.fromEntries(Object.entries(found ?? {}).filter(([, draft]) => isDraft(draft)));
  } catch {
    return {}; // switched off, or written by somebody else
  }
}

function write(all: Drafts): void {
  try {
    if (Object.keys(all).length === 0) sessionStorage.removeItem(ITEM);
    else sessionStorage.setItem(ITEM, JSON.stringify(all));
  } catch {
    // Switched off or full: the draft then lasts as long as its form.
  }
}

function isDraft(found: unknown): found is Draft {
  const { form, loaded } = (found ?? {}) as Partial<Draft>;
  const texts = CLIENT_FIELDS.every((field) => typeof form?.[field] === "string");
  return texts && (loaded === null || typeof loaded?.id === "string");
}
