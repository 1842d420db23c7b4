import { describe, expect, it } from "vitest";
import { isNewId } from "./columns";
import { idsOf, newSeed } from "./ids";

describe("the ids of an import", () => {
  it("are the same each time, and valid for new clients", () => {
    const seed = newSeed();

    expect(idsOf(seed, 12_345)).toEqual(idsOf(structuredClone(seed), 12_345));
    expect(isNewId(idsOf(seed, 12_345).client_id)).toBe(true);
    expect(isNewId(idsOf(seed, 12_345).write_id)).toBe(true);
  });

  it("are in the order of the rows, each once", () => {
    const seed = newSeed();
    const places = [...Array(5_000).keys(), 65_535, 65_536, 262_143, 262_144, 16_777_215];
    const ids = places.map((place) => idsOf(seed, place).client_id);

    expect([...new Set(ids)].sort()).toEqual(ids);
  });

  it("are others for another import", () => {
    expect(idsOf(newSeed(), 1)).not.toEqual(idsOf(newSeed(), 1));
  });
});
