import { answered, clientFacade } from "./api/http";
import { drafts } from "./drafts";
import * as lastSeen from "./lastSeen";
import { remembered } from "./store";

/** Who was erased is forgotten by this browser, too: at once, or at its next contact. */

const HEARD = "clientela.erasures"; // up to which position this tab has heard

/** Forgets clients in all that this browser keeps beyond the page. */
export async function forget(ids: readonly string[]): Promise<void> {
  for (const id of ids) drafts.clear(id);
  if (ids.length > 0) await lastSeen.forget(ids);
}

/** Asks who was erased while this tab was not listening, and forgets them; gives their ids. */
export async function forgetMissed(): Promise<string[]> {
  // Drafts are the tab's own, and come back with it; all else is the browser's.
  const cursor = heardHere() ?? remembered.get("erasures");
  const params = { query: cursor ? { cursor } : {} };
  const { body } = await answered(clientFacade.GET("/client/erasures", { params }));
  const ids = body.map(({ client_id }) => client_id);
  await forget(ids);
  const last = body.at(-1)?.version ?? cursor;
  if (last) {
    remembered.set("erasures", last);
    hearHere(last);
  }
  return ids;
}

function heardHere(): string | null {
  try {
    return sessionStorage.getItem(HEARD);
  } catch {
    return null; // switched off: then there are no drafts, either
  }
}

function hearHere(position: string): void {
  try {
    sessionStorage.setItem(HEARD, position);
  } catch {
    // As above.
  }
}
