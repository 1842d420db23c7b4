import { Database } from "../database";
import type { Seed } from "./ids";
import type { Fault, Mapping, Verdict } from "./shapes";

/** The one import of this browser that was begun, so that a reload goes on where it was. */
export interface KeptImport {
  seed: Seed;
  name: string;
  bytes: ArrayBuffer;
  mapping: Mapping;
}

/** Rows (by their place in the file) that were sent together, and what came of them once known. */
export interface KeptBatch {
  rows: number[];
  outcomes: Outcome[] | null;
}

export interface Outcome {
  verdict: Verdict;
  faults: Fault[];
  holder?: string;
}

const database = new Database("clientela.import", ["import", "batches"]);

export const storage = {
  load: async () => ({
    begun: await database.get<KeptImport>("import", "current"),
    batches: await database.all<KeptBatch>("batches"),
  }),
  begin: async (begun: KeptImport) => {
    await database.clear("batches");
    await database.put("import", "current", begun);
  },
  keep: (place: number, batch: KeptBatch) => database.put("batches", place, batch),
  forget: async () => {
    await database.clear("import");
    await database.clear("batches");
  },
};
