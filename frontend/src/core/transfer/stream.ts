import { HttpProblem, NoAnswer } from "../api/http";
import type { Client } from "../api/types";

/** Opens an answer without end in sight: unlike a page of a list it may take minutes. */
export async function openStream(
  address: string,
  accept: string,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const response = await fetch(new URL(address, location.origin), {
    headers: { Accept: accept },
    signal,
  }).catch((error) => {
    signal.throwIfAborted();
    throw new NoAnswer(String(error));
  });
  if (!response.ok || !response.body) {
    throw new HttpProblem(response.status, await response.json().catch(() => ({})));
  }
  return response.body;
}

/** Every client of the register, as this branch shows it. */
export async function* everyClient(signal: AbortSignal): AsyncGenerator<Client> {
  const body = await openStream("/client", "application/x-ndjson", signal);
  const reader = body.pipeThrough(new TextDecoderStream() as never) as ReadableStream<string>;
  let rest = "";
  for await (const text of chunks(reader)) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line) as Client;
  }
}

/** A stream's chunks; Safari's streams can't be iterated over themselves. */
export async function* chunks<T>(stream: ReadableStream<T>): AsyncGenerator<T> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    void reader.cancel().catch(() => {});
  }
}
