import type { Client, ClientContent, ClientField, Write } from "./api/types";
import { CLIENT_FIELDS } from "./api/types";
import { contentOf } from "./rules/client";
import { uuid7 } from "./uuid";

/** Writes of what a person saw and decided: what was changed meanwhile is a conflict. */

/** Deletes a client as it was shown. */
export function deletionOf(client: Client): Write {
  return {
    ...stamped(),
    operation: "delete",
    client_id: client.id,
    set: {},
    was: contentOf(client),
  };
}

/** Gives a client, as it was shown, this content; null when it has that already. */
export function updateOf(client: Client, content: ClientContent): Write | null {
  const before = contentOf(client);
  const changed = CLIENT_FIELDS.filter((field) => content[field] !== before[field]);
  if (changed.length === 0) return null;
  const [set, was] = [pick(content, changed), pick(before, changed)];
  return { ...stamped(), operation: "update", client_id: client.id, set, was };
}

function stamped() {
  return { write_id: uuid7(), at: new Date().toISOString() };
}

export function pick(content: ClientContent, fields: ClientField[]): Partial<ClientContent> {
  return Object.fromEntries(fields.map((field) => [field, content[field]]));
}
