import { HttpProblem, NoAnswer } from "@/core/api/http";
import { LIMITS } from "@/core/rules/client";
import type { Dictionary, Formats } from ".";

/** What a field's error code says to people; unknown codes fall back to the server's own words. */
export function fieldMessage(
  code: string,
  field: string,
  detail: string | undefined,
  t: Dictionary,
  formats: Formats,
): string {
  const max = LIMITS[field as keyof typeof LIMITS];
  if (code === "too-long" && max) return t.tooLong(formats.number(max));
  return t.errors[code] ?? detail ?? code;
}

/** One sentence for a request that failed. */
export function problemMessage(error: unknown, t: Dictionary): string {
  if (error instanceof NoAnswer) return t.problems.noAnswer;
  if (!(error instanceof HttpProblem)) return t.app.failed;
  if (error.status === 503) {
    return error.problem.code === "server-away" ? t.problems.away : t.problems.busy;
  }
  return (
    reasonMessage(error.problem.code, error.problem.detail, t) ??
    t.problems.unexpected(String(error.status))
  );
}

export function reasonMessage(
  code: string | undefined,
  detail: string | undefined,
  t: Dictionary,
): string | undefined {
  const known =
    code && code in t.problems ? t.problems[code as keyof typeof t.problems] : undefined;
  return typeof known === "string" ? known : detail;
}
