import type { Problem } from "./types";

const READ_TIMEOUT_MS = 15_000; // a local read takes milliseconds; longer means nobody is there
const WRITE_TIMEOUT_MS = 30_000; // the facade itself waits up to 15 s for its server

/** The facade answered, with a problem (RFC 9457). */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  constructor(
    readonly status: number,
    readonly problem: Problem,
    readonly retryAfterS: number | null,
  ) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
  }
}

/** The facade did not answer. Whether it received the request is not known. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

export interface RequestOptions {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

/** Sends one request. Throws HttpProblem or NoAnswer; an abort by `signal` is passed on as it is. */
export async function send(url: string, options: RequestOptions = {}): Promise<Response> {
  const response = await reach(url, options);
  if (response.ok) return response;
  throw new HttpProblem(response.status, await problemOf(response), retryAfter(response));
}

/** Like `send`, and reads the JSON body. */
export async function sendForJson<T>(url: string, options: RequestOptions = {}): Promise<T> {
  return (await send(url, options)).json() as Promise<T>;
}

async function reach(url: string, options: RequestOptions): Promise<Response> {
  const { method = "GET", body, headers = {}, signal } = options;
  const timeout = AbortSignal.timeout(method === "GET" ? READ_TIMEOUT_MS : WRITE_TIMEOUT_MS);
  const contentType: Record<string, string> =
    body === undefined ? {} : { "Content-Type": "application/json" };
  try {
    return await fetch(url, {
      method,
      headers: { Accept: "application/json", ...contentType, ...headers },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new NoAnswer(String(error));
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const type = response.headers.get("Content-Type") ?? "";
  if (!type.includes("json")) return { status: response.status };
  try {
    return (await response.json()) as Problem;
  } catch {
    return { status: response.status };
  }
}

function retryAfter(response: Response): number | null {
  const seconds = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  return Number.isFinite(seconds) ? seconds : null;
}

/** The address of the next page (RFC 8288), as a path on this origin. */
export function nextPage(response: Response): string | null {
  for (const link of (response.headers.get("Link") ?? "").split(/,\s*(?=<)/)) {
    const match = /^<([^>]*)>(.*)$/.exec(link.trim());
    if (match?.[1] && /;\s*rel="?next"?(\s*;|\s*$)/.test(match[2] ?? "")) {
      const url = new URL(match[1], "http://facade.invalid");
      return url.pathname + url.search;
    }
  }
  return null;
}

/** A query string of what is set, with its question mark, or nothing. */
export function query(parameters: Record<string, string | number | null | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text && `?${text}`;
}
