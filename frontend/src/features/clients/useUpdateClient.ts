import { useRef } from "react";
import { sendWrite } from "@/core/api/clients";
import type { Client, ClientContent, ClientField, Conflict, Write } from "@/core/api/types";
import { type ClientForm, changedFields, contentOf, toContent } from "@/core/rules/client";
import { uuid7 } from "@/core/uuid";
import { isUndecided, type Objection, objectionOf, objectionTo } from "./objections";

type Answer = { outcome: "accepted" | "unchanged" } | { outcome: "refused"; objection: Objection };

/** Sends what a form changed, with the values that the form was loaded with. */
export function useUpdateClient(loaded: Client) {
  const was = useRef<ClientContent>(contentOf(loaded));
  const lastWrite = useRef<Write | null>(null);

  const update = async (form: ClientForm): Promise<Answer> => {
    const fields = changedFields(form, was.current);
    if (fields.length === 0) return { outcome: "unchanged" };
    const write = repeated(lastWrite.current, {
      write_id: uuid7(),
      operation: "update",
      client_id: loaded.id,
      set: pick(toContent(form), fields),
      was: pick(was.current, fields),
      at: new Date().toISOString(),
    });
    lastWrite.current = write;
    const objection = await verdict(write);
    if (!objection) return { outcome: "accepted" };
    if (!isUndecided(objection)) lastWrite.current = null;
    return { outcome: "refused", objection };
  };

  /** Takes the register's values as seen: the person is now choosing in their knowledge. */
  const settle = (conflicts: Conflict[]) => {
    for (const { field, theirs } of conflicts) {
      was.current = { ...was.current, [field]: theirs };
    }
  };

  return { update, settle };
}

async function verdict(write: Write): Promise<Objection | null> {
  try {
    const receipt = await sendWrite(write);
    return receipt.outcome === "refused" && receipt.reason ? objectionTo(receipt.reason) : null;
  } catch (error) {
    return objectionOf(error);
  }
}

/** The same content again is the same write again: the server then decides it once. */
function repeated(last: Write | null, next: Write): Write {
  const content = ({ set, was }: Write) => JSON.stringify([set, was]);
  return last && content(last) === content(next) ? last : next;
}

function pick(content: ClientContent, fields: ClientField[]): Partial<ClientContent> {
  return Object.fromEntries(fields.map((field) => [field, content[field]]));
}
