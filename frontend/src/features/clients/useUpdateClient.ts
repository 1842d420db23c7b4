import { useRef } from "react";
import { sendWrite } from "@/core/api/clients";
import type { Client, ClientContent, Conflict, Write } from "@/core/api/types";
import { isUndecided, type Objection, objectionOf, objectionTo } from "@/core/objections";
import { type ClientForm, changedFields, contentOf, toContent } from "@/core/rules/client";
import { uuid7 } from "@/core/uuid";
import { pick } from "@/core/writes";

export type Saved = "accepted" | "pending" | "unchanged";

type Answer = { outcome: Saved } | { outcome: "refused"; objection: Objection };

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
    const answer = await verdict(write);
    if ("outcome" in answer) return answer;
    if (!isUndecided(answer.objection)) lastWrite.current = null;
    return { outcome: "refused", objection: answer.objection };
  };

  /** Takes the register's values as seen: the person is now choosing in their knowledge. */
  const settle = (conflicts: Conflict[]) => {
    for (const { field, theirs } of conflicts) {
      was.current = { ...was.current, [field]: theirs };
    }
  };

  /** The client as it was loaded, with what was settled since. */
  const seen = (): Client => ({ ...loaded, ...was.current, name: was.current.name ?? loaded.name });

  return { update, settle, seen };
}

type Verdict = { outcome: "accepted" | "pending" } | { objection: Objection };

async function verdict(write: Write): Promise<Verdict> {
  try {
    const { outcome, reason } = await sendWrite(write);
    if (outcome !== "refused") return { outcome };
    return { objection: objectionTo(reason ?? {}) };
  } catch (error) {
    return { objection: objectionOf(error) };
  }
}

/** The same content again is the same write again: the server then decides it once. */
function repeated(last: Write | null, next: Write): Write {
  const content = ({ set, was }: Write) => JSON.stringify([set, was]);
  return last && content(last) === content(next) ? last : next;
}
