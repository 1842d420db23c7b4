import type { Counts, FileProblem, Mapping, Row, Verdict } from "./shapes";
import type { Table } from "./table";

export const SHOWN_ROWS = 15; // what people look over before they trust the rest

export type Phase =
  /** No file. */
  | "empty"
  /** Another tab has one. */
  | "elsewhere"
  | "reading"
  /** A file and what will become of its rows. */
  | "preview"
  | "sending"
  | "paused"
  | "done";

/** Why nothing moves just now; it is tried again by itself. */
export type Waiting = "no-answer" | "away" | "busy" | "disk-full";

export interface FileFacts {
  name: string;
  header: string[];
  examples: string[];
  rows: number;
  delimiter: string;
  encoding: Table["encoding"];
}

/** All that the page shows; what is large stays with the importer. */
export interface ImportState {
  phase: Phase;
  file: FileFacts | null;
  problem: { code: FileProblem["code"]; row: number | null } | null;
  mapping: Mapping | null;
  /** Clients of the register that the rows were compared with. */
  comparison: { state: "running" | "done" | "failed"; clients: number };
  counts: Counts;
  shown: { verdict: Verdict | null; rows: Row[] };
  /** Rows decided, of those to be sent, and how many a second. */
  progress: { sent: number; total: number; rate: number | null };
  waiting: Waiting | null;
  /** The server's words for a batch that it does not take at all. */
  objection: string | null;
  /** Whether a reload would find the import again. */
  kept: boolean;
}

export const NO_COUNTS: Counts = {
  new: 0,
  imported: 0,
  kept: 0,
  invalid: 0,
  refused: 0,
  repeated: 0,
  known: 0,
};

export const EMPTY: ImportState = {
  phase: "empty",
  file: null,
  problem: null,
  mapping: null,
  comparison: { state: "running", clients: 0 },
  counts: NO_COUNTS,
  shown: { verdict: null, rows: [] },
  progress: { sent: 0, total: 0, rate: null },
  waiting: null,
  objection: null,
  kept: true,
};

export function count(rows: readonly Row[]): Counts {
  const counts = { ...NO_COUNTS };
  for (const { verdict } of rows) counts[verdict]++;
  return counts;
}
