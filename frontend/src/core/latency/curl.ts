import type { LogEntry } from "../api/types";

const BODIES: Record<string, string> = {
  POST: "application/json",
  PUT: "application/json",
  PATCH: "application/merge-patch+json",
};

/** The command that asks the same again. The log keeps neither query nor body: they are to be filled in. */
export function curlOf({ method, route }: Pick<LogEntry, "method" | "route">, origin: string) {
  const words = ["curl", "-i"];
  if (method === "HEAD") words.push("-I");
  else if (method !== "GET") words.push("-X", method);
  words.push(quoted(origin + route));
  const type = BODIES[method];
  if (type) words.push("-H", quoted(`Content-Type: ${type}`), "--data-binary", "@body.json");
  return words.join(" ");
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
