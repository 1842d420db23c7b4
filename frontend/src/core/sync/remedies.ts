import type { WaitingWrite } from "../api/types";

/** What a person can do about a write that waits or was refused. */
export type Remedy =
  /** Do not wait for the next attempt. */
  | "now"
  /** Compare both sides of a conflict, field by field. */
  | "decide"
  /** Delete although somebody changed the client. */
  | "overwrite"
  | "edit"
  /** Its client is gone: register the content as a client of its own. */
  | "renew"
  /** The same once more. */
  | "again"
  | "discard";

/** The sensible ones, the best first. */
export function remediesFor({ outcome, operation, reason }: WaitingWrite): Remedy[] {
  if (outcome !== "refused") return ["now"];
  const code = reason?.code ?? "";
  if (operation === "delete") return [code === "conflict" ? "overwrite" : "again", "discard"];
  if (code === "conflict" || code === "precondition-failed") return ["decide", "discard"];
  if (["gone", "not-found", "id-used"].includes(code)) return ["renew", "discard"];
  // What it built on has to be put right first; then it may go as it is.
  if (code === "depends-on") return ["again", "edit", "discard"];
  return ["edit", "again", "discard"];
}
