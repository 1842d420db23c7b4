import { useRef } from "react";
import { type Created, createClient, readClient } from "@/core/api/clients";
import type { ClientContent } from "@/core/api/types";
import { isUndecided, type Objection, objectionOf } from "@/core/objections";
import { uuid7 } from "@/core/uuid";

type Answer = { created: Created } | { objection: Objection };

/**
 * Creates a client exactly once. The key (which becomes the client's id) stays the same while it is
 * not known whether an attempt arrived, even if the form was changed since: then the register either
 * has nothing under it and takes the new content, or says that the key was used with the old one.
 * After a verdict the next attempt is a new write.
 */
export function useCreateClient() {
  const key = useRef<string | null>(null);
  const undecided = useRef(false);

  const attempt = async (content: ClientContent): Promise<Answer> => {
    key.current ??= uuid7();
    try {
      return { created: await createClient(content, key.current) };
    } catch (error) {
      return { objection: objectionOf(error) };
    }
  };

  const create = async (content: ClientContent): Promise<Answer> => {
    let answer = await attempt(content);
    if (isKeyReused(answer) && !(await exists(key.current))) {
      key.current = null; // the earlier attempt was refused: this one may begin anew
      answer = await attempt(content);
    }
    if ("objection" in answer && !isKeyReused(answer)) {
      undecided.current ||= isUndecided(answer.objection);
      if (!undecided.current || answer.objection.kind === "duplicate") key.current = null;
    }
    return answer;
  };

  return { create, savedId: () => key.current ?? "" };
}

function isKeyReused(answer: Answer): boolean {
  return "objection" in answer && answer.objection.kind === "key-reused";
}

async function exists(id: string | null): Promise<boolean> {
  try {
    return id !== null && (await readClient(id)).state === "here";
  } catch {
    return true; // not known: better to send the person to look than to create a double
  }
}
