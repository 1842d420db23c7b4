import type { ClientField } from "../api/types";
import type { ClientForm } from "../rules/client";

/** What a column of a file can become. */
export const TARGETS = ["name", "document", "phone", "email", "notes", "id"] as const;
export type Target = (typeof TARGETS)[number];

/** The column that each field is taken from; null for none. */
export type Mapping = Record<Target, number | null>;

/**
 * What becomes of a row. Before sending: `new`, `invalid`, `repeated` (in the file), `known` (in the
 * register). After it: `imported`, `kept` (at this branch, until the server is back), `refused`.
 */
export const VERDICTS = [
  "new",
  "imported",
  "kept",
  "invalid",
  "refused",
  "repeated",
  "known",
] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What stands in the way of a row; `field` is null where it is about the row as a whole. */
export interface Fault {
  field: ClientField | "id" | null;
  code: string;
  /** The server's own words. */
  detail?: string;
}

export interface Row {
  /** As spreadsheets count, the header being row 1. */
  number: number;
  /** The client that the row names by its id, if it does. */
  id: string | null;
  form: ClientForm;
  verdict: Verdict;
  faults: Fault[];
  /** The earlier row that says the same, of one that is repeated. */
  twin?: number;
  /** The client that is there already. */
  holder?: string;
}

export type Counts = Record<Verdict, number>;

export const FILE_PROBLEMS = [
  "empty",
  "quotes",
  "too-large",
  "too-many-columns",
  "unreadable",
] as const;
/** Why a file can't be taken at all. */
export class FileProblem extends Error {
  constructor(
    readonly code: (typeof FILE_PROBLEMS)[number],
    /** Where in the file it was seen. */
    readonly row?: number,
  ) {
    super(code);
  }
}
