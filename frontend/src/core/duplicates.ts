import type { Client, ClientContent } from "./api/types";
import { compactDocument, documentError } from "./rules/document";
import { toE164 } from "./rules/phone";
import { fold } from "./text";

/** What two records have in common, the most telling first. */
export const LIKENESSES = ["document", "name-and-phone", "phone"] as const;
export type Likeness = (typeof LIKENESSES)[number];

export interface Candidate {
  client: Client;
  likeness: Likeness;
}

export type Searched = Pick<ClientContent, "name" | "document" | "phone">;

/** The whole numbers to look up: what is half typed is in common with too many. */
export function numbersOf({ document, phone }: Searched): string[] {
  const whole = document && !documentError(document) ? compactDocument(document) : null;
  const e164 = phone ? toE164(phone) : null;
  return [whole, e164?.slice(1)].filter((number) => number !== null && number !== undefined);
}

/** Those of `found` that may be the same person, the likeliest first, each once. */
export function candidates(typed: Searched, found: Client[], self: string | null): Candidate[] {
  const unique = new Map(found.map((client) => [client.id, client]));
  return [...unique.values()]
    .filter(({ id }) => id !== self)
    .flatMap((client) => {
      const likeness = likenessOf(typed, client);
      return likeness ? { client, likeness } : [];
    })
    .sort((a, b) => LIKENESSES.indexOf(a.likeness) - LIKENESSES.indexOf(b.likeness));
}

function likenessOf(typed: Searched, client: Client): Likeness | null {
  const document = typed.document ? compactDocument(typed.document) : null;
  if (document && document === client.document) return "document";
  const phone = typed.phone ? toE164(typed.phone) : null;
  if (!phone || phone !== client.phone) return null;
  return typed.name && plain(typed.name) === plain(client.name) ? "name-and-phone" : "phone";
}

/** Without accents, case and punctuation. */
function plain(name: string): string {
  return fold(name)
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}
