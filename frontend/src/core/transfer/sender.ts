import { answered, clientFacade, HttpProblem, NoAnswer } from "../api/http";
import type { ClientContent, Receipt } from "../api/types";
import type { Waiting } from "./state";
import type { Outcome } from "./storage";

/** A client to be inserted. Its ids stay the same, so sending it again is harmless. */
export interface Insert {
  write_id: string;
  client_id: string;
  operation: "insert";
  set: ClientContent;
  at: string;
}

const AGAIN_MS = 2_000; // where the answer does not say when

/** Sends inserts until they are decided; throws what waiting would not heal, or the abort. */
export async function decided(
  inserts: Insert[],
  onWait: (waiting: Waiting | null) => void,
  signal: AbortSignal,
): Promise<Outcome[]> {
  for (;;) {
    try {
      const body = inserts as never; // its description is too narrow
      const answer = await answered(clientFacade.POST("/client/writes", { body, signal }));
      onWait(null);
      return (answer.body as Receipt[]).map(outcomeOf);
    } catch (error) {
      signal.throwIfAborted();
      const waiting = waitingFor(error);
      if (!waiting) throw error;
      onWait(waiting);
      await delay(AGAIN_MS, signal);
    }
  }
}

function outcomeOf({ outcome, reason }: Receipt): Outcome {
  if (outcome === "accepted") return { verdict: "imported", faults: [] };
  if (outcome === "pending") return { verdict: "kept", faults: [] };
  const { code = "refused", detail = "", errors, holder } = reason ?? {};
  const faults = (errors ?? []).map((error) => ({
    field: error.field as Outcome["faults"][number]["field"],
    code: error.code,
    detail: error.detail,
  }));
  return {
    verdict: "refused",
    faults: faults.length ? faults : [{ field: null, code, detail }],
    ...(holder ? { holder } : {}),
  };
}

function waitingFor(error: unknown): Waiting | null {
  if (error instanceof NoAnswer) return "no-answer";
  if (!(error instanceof HttpProblem)) return null;
  if (error.status === 507) return "disk-full";
  if (error.status === 429 || error.status === 401) return "busy"; // until somebody signs in again
  if (error.status === 503) return error.problem.code === "server-away" ? "away" : "busy";
  return error.status >= 500 ? "no-answer" : null;
}

function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
