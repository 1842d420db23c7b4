import { describe, expect, it } from "vitest";
import { makeEntry } from "@/test/log";
import { TailBuffer } from "./tail";

const ids = (entries: { id: string }[]) => entries.map(({ id }) => id);
const some = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => makeEntry(from + i));

describe("the buffer of the live tail", () => {
  it("gives the newest first", () => {
    const buffer = new TailBuffer();

    buffer.add(some(0, 2));
    buffer.add(some(2, 3));

    expect(ids(buffer.get().entries)).toEqual(ids(some(0, 3).reverse()));
  });

  it("holds back what arrives in a pause, and hands it on after", () => {
    const buffer = new TailBuffer();
    buffer.add(some(0, 1));

    buffer.pause();
    buffer.add(some(1, 3));

    expect(buffer.get()).toMatchObject({ paused: true, entries: some(0, 1) });
    expect(buffer.get().held).toHaveLength(2);
    buffer.resume();
    expect(ids(buffer.get().entries)).toEqual(ids(some(0, 3).reverse()));
    expect(buffer.get()).toMatchObject({ paused: false, held: [] });
  });

  it("is bounded, in a pause too, and says that there was more", () => {
    const buffer = new TailBuffer();
    buffer.add(some(0, 1_500));
    expect(buffer.get().entries).toHaveLength(1_000);

    buffer.pause();
    buffer.add(some(1_500, 2_500));
    expect(buffer.get().heldMore).toBe(false);
    buffer.add(some(2_500, 2_501));

    expect(buffer.get().held).toHaveLength(1_000);
    expect(buffer.get().heldMore).toBe(true);
    expect(buffer.get().held[0]).toEqual(makeEntry(2_500));
  });

  it("forgets what came before a gap, but not what is being read in a pause", () => {
    const buffer = new TailBuffer();
    buffer.add(some(0, 1));

    buffer.pause();
    buffer.restart();
    expect(buffer.get()).toMatchObject({ entries: some(0, 1), heldMore: true });

    buffer.resume();
    buffer.restart();
    expect(buffer.get().entries).toEqual([]);
  });
});
