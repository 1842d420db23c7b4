import { uuid7 } from "../uuid";

const PART_BYTES = 6;

/** What the ids of an import are made of: the same for each attempt, never the same for another. */
export interface Seed {
  at: number;
  random: Uint8Array;
}

export function newSeed(): Seed {
  return { at: Date.now(), random: crypto.getRandomValues(new Uint8Array(2 * PART_BYTES)) };
}

/** The ids of the client and of the write that a row becomes: in the order of the file's rows. */
export function idsOf({ at, random }: Seed, row: number): { client_id: string; write_id: string } {
  const counter = [(row >> 20) & 0x0f, (row >> 12) & 0xff, (row >> 6) & 0x3f, (row & 0x3f) << 2];
  const id = (part: Uint8Array) => uuid7(at, new Uint8Array([...counter, ...part]));
  return {
    client_id: id(random.subarray(0, PART_BYTES)),
    write_id: id(random.subarray(PART_BYTES)),
  };
}
