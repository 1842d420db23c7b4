import { answered, clientFacade, onUnauthenticated } from "./api/http";
import type { SessionState } from "./api/types";
import { deletions } from "./deletions";
import { drafts } from "./drafts";
import * as lastSeen from "./lastSeen";
import { createStore, remembered } from "./store";
import { storage as importStorage } from "./transfer/storage";

/**
 * Who uses these pages, and what for. It is remembered in the browser, so that pages look right at
 * once, and open without their facade; what is allowed, the facade decides at each request.
 */

export type Access = Pick<SessionState, "access" | "role" | "name">;
export type Act = "write" | "repair" | "watch";

/** As the facade's own table has it. Reading is for everyone who may come in. */
const MAY: Record<Act, readonly string[]> = {
  write: ["counter", "admin"],
  repair: ["counter", "operator", "admin"],
  watch: ["operator", "admin"],
};

export const access = createStore<Access>(lastKnown());

onUnauthenticated(() => void ask());

export const isSignedOut = ({ access: way, role }: Access) => way === "guarded" && !role;

export function may({ access: way, role }: Access, act: Act): boolean {
  return way === "open" || MAY[act].includes(role ?? "");
}

/** Asks the facade who this is; without an answer all stays as it was. */
export async function ask(): Promise<void> {
  await answered(clientFacade.GET("/session")).then(
    ({ body }) => become(body),
    () => {},
  );
}

/** Signs in; throws HttpProblem or NoAnswer. Who follows somebody else finds nothing of theirs. */
export async function signIn(token: string): Promise<void> {
  const { body } = await answered(clientFacade.POST("/session", { body: { token } }));
  const before = remembered.get("person");
  if (before !== null && before !== body.name) await forget();
  remembered.set("person", body.name ?? null);
  become(body);
}

/** Signs out, and leaves nothing of the register in this browser; throws HttpProblem or NoAnswer. */
export async function signOut(everywhere: boolean): Promise<void> {
  await deletions.sendAll();
  const query = everywhere ? { everywhere: "" } : {};
  await answered(clientFacade.DELETE("/session", { params: { query } }));
  await forget();
  become({ access: "guarded", role: null, name: null });
}

async function forget(): Promise<void> {
  drafts.clearAll();
  await lastSeen.clear();
  await importStorage.forget().catch(() => {}); // no way to keep anything, so nothing was kept
}

function become({ access: way, role, name }: Access): void {
  const now: Access = { access: way, role: role ?? null, name: name ?? null };
  remembered.set("access", way === "open" ? null : JSON.stringify(now));
  if (JSON.stringify(now) !== JSON.stringify(access.get())) access.set(now);
}

function lastKnown(): Access {
  try {
    const found = JSON.parse(remembered.get("access") ?? "{}") as Partial<Access>;
    const { role = null, name = null } = found;
    if (found.access === "guarded") return { access: "guarded", role, name };
  } catch {
    // written by somebody else
  }
  return { access: "open", role: null, name: null };
}
