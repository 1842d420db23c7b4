import { HttpProblem, NoAnswer } from "./api/http";
import type { Conflict, FieldError, Problem, Reason } from "./api/types";

/** What came of a write that was not accepted. */
export type Objection =
  /** The server is away: nothing was decided, or it is not known whether. */
  | { kind: "away" }
  | { kind: "busy" }
  | { kind: "no-answer" }
  | { kind: "fields"; errors: FieldError[] }
  | { kind: "duplicate"; holder: string | null }
  | { kind: "conflict"; conflicts: Conflict[] }
  | { kind: "key-reused" }
  | { kind: "gone" }
  | { kind: "other"; code: string | undefined; detail: string | undefined };

export function objectionOf(error: unknown): Objection {
  if (error instanceof NoAnswer) return { kind: "no-answer" };
  if (!(error instanceof HttpProblem)) throw error;
  if (error.status === 503) {
    return { kind: error.problem.code === "server-away" ? "away" : "busy" };
  }
  if (error.status >= 500 && error.status !== 507) return { kind: "no-answer" };
  return objectionTo(error.problem);
}

export function objectionTo(reason: Partial<Reason> | Problem): Objection {
  const { code, detail, holder = null } = reason;
  const errors = reason.errors ?? [];
  const conflicts = reason.conflicts ?? [];
  if (code === "duplicate-document") return { kind: "duplicate", holder };
  if (code === "conflict" && conflicts.length > 0) return { kind: "conflict", conflicts };
  if (code === "key-reused") return { kind: "key-reused" };
  if (code === "gone") return { kind: "gone" };
  if (errors.length > 0) return { kind: "fields", errors };
  return { kind: "other", code, detail };
}

/** Whether the server may have decided without our hearing of it. */
export function isUndecided(objection: Objection): boolean {
  return ["away", "busy", "no-answer"].includes(objection.kind);
}
