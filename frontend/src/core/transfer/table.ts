import Papa from "papaparse";
import { FileProblem } from "./shapes";

export const FILE_BYTES_MAX = 64 * 1024 * 1024; // some 500,000 rows; all of them are held in memory
export const COLUMNS_MAX = 60; // each is an option in every field's list of columns
const DELIMITERS = [",", ";", "\t"];

/** A file as rows of cells. */
export interface Table {
  header: string[];
  rows: { number: number; cells: string[] }[];
  delimiter: string;
  encoding: "utf-8" | "utf-16le" | "windows-1252";
}

/** Reads CSV (RFC 4180) with its separator and its encoding found out. Throws FileProblem. */
export function readTable(bytes: ArrayBuffer): Table {
  const { text, encoding } = decode(bytes);
  const { data, errors, meta } = Papa.parse<string[]>(text, { delimitersToGuess: DELIMITERS });
  const broken = errors.find(({ type }) => type === "Quotes");
  if (broken) throw new FileProblem("quotes", (broken.row ?? 0) + 1);
  const [header = [], ...rest] = data;
  const rows = rest
    .map((cells, i) => ({ number: i + 2, cells }))
    .filter(({ cells }) => cells.some((cell) => cell.trim() !== ""));
  if (rows.length === 0) throw new FileProblem("empty");
  if (header.length > COLUMNS_MAX) throw new FileProblem("too-many-columns");
  return { header: header.map((name) => name.trim()), rows, delimiter: meta.delimiter, encoding };
}

/** What is no UTF-8 was written by an old spreadsheet in Western Europe or America. */
function decode(bytes: ArrayBuffer): { text: string; encoding: Table["encoding"] } {
  const [first, second] = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength));
  const marked = first === 0xff && second === 0xfe; // "Unicode text" of Excel
  for (const encoding of marked ? (["utf-16le"] as const) : (["utf-8", "windows-1252"] as const)) {
    try {
      return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes), encoding };
    } catch {
      // The next one.
    }
  }
  throw new FileProblem("unreadable");
}

/** Takes off the apostrophe that an export has put before what looks like a formula. */
export function unguarded(cell: string): string {
  return cell.replace(/^'('*[=+\-@\t\r\n])/, "$1");
}
