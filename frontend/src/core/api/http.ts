import createClient from "openapi-fetch";
import type { paths as FacadePaths } from "./client_facade.schema";
import type { paths as LogPaths } from "./log_facade.schema";
import type { Problem } from "./types";

const READ_TIMEOUT_MS = 15_000; // a local read takes milliseconds; longer means nobody is there
const WRITE_TIMEOUT_MS = 30_000; // the facade itself waits up to 15 s for its server

/** The facade answered, with a problem (RFC 9457). */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
  }
}

/** The facade did not answer. Whether it received the request is not known. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

const options = { baseUrl: globalThis.location?.origin ?? "", fetch: reach };

export const clientFacade = createClient<FacadePaths>(options);
export const logFacade = createClient<LogPaths>(options);

let unauthenticated: () => void = () => {};

/** Says that the facade asks who this is. */
export const tellUnauthenticated = () => unauthenticated();

/** Has `listener` called whenever the facade asks who this is: the session has ended. */
export function onUnauthenticated(listener: () => void): void {
  unauthenticated = listener;
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body and the response of a call. Throws HttpProblem or NoAnswer, or that it was aborted. */
export async function answered<T>(call: Promise<Answer<T>>) {
  const { data, error, response } = await call;
  if (response.status === 401) tellUnauthenticated();
  if (!response.ok) throw new HttpProblem(response.status, isProblem(error) ? error : {});
  return { body: data as T, response };
}

async function reach(request: Request): Promise<Response> {
  const timeout = AbortSignal.timeout(
    request.method === "GET" ? READ_TIMEOUT_MS : WRITE_TIMEOUT_MS,
  );
  try {
    return await fetch(request, { signal: AbortSignal.any([request.signal, timeout]) });
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw new NoAnswer(String(error));
  }
}

function isProblem(error: unknown): error is Problem {
  return typeof error === "object" && error !== null;
}

/** The cursor of the next page, from its Link header (RFC 8288). */
export function nextCursor(response: Response): string | null {
  for (const link of (response.headers.get("Link") ?? "").split(/,\s*(?=<)/)) {
    const match = /^<([^>]*)>(.*)$/.exec(link.trim());
    if (match?.[1] && /;\s*rel="?next"?(\s*;|\s*$)/.test(match[2] ?? "")) {
      return new URL(match[1], "http://facade.invalid").searchParams.get("cursor");
    }
  }
  return null;
}
