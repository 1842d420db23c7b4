import { chunks, openStream } from "./stream";

/** Where an export goes: a file that is written as it comes, or one that is handed over at the end. */
export interface Target {
  write: (bytes: Uint8Array<ArrayBuffer>) => Promise<void>;
  close: () => Promise<void>;
  abort: () => Promise<void>;
}

/** Without it Excel takes UTF-8 for its old code page. Programs read the API, which has none. */
const BYTE_ORDER_MARK = new Uint8Array([0xef, 0xbb, 0xbf]);
const FOLDED_BYTES = 4 * 1024 * 1024; // handed to the browser, which keeps large ones on disk
const [CR, LF] = [13, 10];

/** Writes the clients of a view as CSV; `onRows` is told how many so far. */
export async function exportClients(
  view: string,
  target: Target,
  onRows: (rows: number) => void,
  signal: AbortSignal,
): Promise<number> {
  const rows = countRows();
  try {
    const body = await openStream(`/client?${filtersOf(view)}`, "text/csv", signal);
    await target.write(BYTE_ORDER_MARK);
    for await (const chunk of chunks(body)) {
      await target.write(chunk as Uint8Array<ArrayBuffer>);
      onRows(rows(chunk));
    }
    await target.close();
  } catch (error) {
    await target.abort().catch(() => {});
    throw error;
  }
  return rows(new Uint8Array());
}

/** What chooses and orders clients; an export has no pages. */
function filtersOf(view: string): string {
  const query = new URLSearchParams(view);
  for (const name of ["limit", "cursor", "skip"]) query.delete(name);
  return String(query);
}

/** Counts rows behind the header: only between rows does CR LF stand, within texts LF alone. */
function countRows(): (chunk: Uint8Array) => number {
  let [ends, last] = [0, 0];
  return (chunk) => {
    for (const byte of chunk) {
      if (byte === LF && last === CR) ends++;
      last = byte;
    }
    return Math.max(0, ends - 1);
  };
}

/** Collects a file and gives it to `save`. */
export function collected(save: (file: Blob) => void): Target {
  const type = "text/csv;charset=utf-8";
  let folded = new Blob([], { type });
  let [parts, bytes]: [Uint8Array<ArrayBuffer>[], number] = [[], 0];
  const fold = () => {
    folded = new Blob([folded, ...parts], { type });
    [parts, bytes] = [[], 0];
  };
  return {
    write: async (part) => {
      parts.push(part);
      bytes += part.byteLength;
      if (bytes > FOLDED_BYTES) fold();
    },
    close: async () => {
      fold();
      save(folded);
    },
    abort: async () => fold(),
  };
}
