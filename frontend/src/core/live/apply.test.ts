import { describe, expect, it } from "vitest";
import { makeChange, makeClient, position } from "@/test/samples";
import { updated } from "./apply";

const page = { clients: [makeClient(3), makeClient(2)], total: 9, position: position(3) };

describe("a page that hears of changes", () => {
  it("takes the newest state of its clients", () => {
    const changes = [
      makeChange("update", 4, makeClient(2, { name: "Once" })),
      makeChange("update", 5, makeClient(2, { name: "Twice" })),
    ];

    expect(updated(page, changes).clients.map(({ name }) => name)).toEqual(["Client 3", "Twice"]);
  });

  it("stays the very same object when nothing concerns it", () => {
    const changes = [
      makeChange("insert", 7, makeClient(7)),
      makeChange("delete", 8, makeClient(3)),
    ];

    expect(updated(page, changes)).toBe(page);
  });

  it("does not go back to an older state", () => {
    const old = makeChange("update", 1, makeClient(3, { name: "Old" }));

    expect(updated(page, [old])).toBe(page);
  });

  it("takes any accepted state for newer than one that waits here", () => {
    const waiting = { ...page, clients: [{ ...makeClient(3), version: null }] };

    const { clients } = updated(waiting, [makeChange("insert", 3, makeClient(3))]);

    expect(clients[0]?.version).toBe(position(3));
  });
});
