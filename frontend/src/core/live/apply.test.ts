import { describe, expect, it } from "vitest";
import { makeChange, makeClient, position } from "@/test/samples";
import type { ClientPage } from "../api/clients";
import { applyToPages } from "./apply";

const page = (numbers: number[], next: string | null, read = 100): ClientPage => ({
  clients: numbers.map((n) => makeClient(n)),
  next,
  position: position(read),
});
const names = (pages: ClientPage[]) => pages.map(({ clients }) => clients.map(({ name }) => name));

describe("changes in a list", () => {
  it("put a new client on top", () => {
    const pages = applyToPages(
      [page([9, 8], "more")],
      [makeChange("insert", 101, makeClient(10))],
      "all",
    );

    expect(names(pages)).toEqual([["Client 10", "Client 9", "Client 8"]]);
  });

  it("put a client whose id is older where it belongs", () => {
    const pages = [page([9, 7], "more"), page([5, 3], null)];
    const changes = [6, 8, 1].map((n, i) => makeChange("insert", 101 + i, makeClient(n)));

    expect(names(applyToPages(pages, changes, "all"))).toEqual([
      ["Client 9", "Client 8", "Client 7"],
      ["Client 6", "Client 5", "Client 3", "Client 1"],
    ]);
  });

  it("leave what lies beyond the last page read to the next reading", () => {
    const pages = [page([9, 7], "more")];

    expect(applyToPages(pages, [makeChange("insert", 101, makeClient(2))], "all")).toEqual(pages);
  });

  it("replace a client by its newer version only", () => {
    const renamed = makeClient(9, { name: "Renamed" });
    const stale = makeClient(8, { name: "Stale" });
    const changes = [makeChange("update", 101, renamed), makeChange("update", 2, stale)];

    expect(names(applyToPages([page([9, 8], null)], changes, "all"))).toEqual([
      ["Renamed", "Client 8"],
    ]);
  });

  it("remove a deleted client, and keep it away when it was inserted just before", () => {
    const changes = [
      makeChange("delete", 101, makeClient(9)),
      makeChange("insert", 102, makeClient(10)),
      makeChange("delete", 103, makeClient(10)),
    ];

    expect(names(applyToPages([page([9, 8], null)], changes, "all"))).toEqual([["Client 8"]]);
  });

  it("do not bring back a client from before the page was read", () => {
    const pages = [page([9, 7], null, 100)];

    expect(applyToPages(pages, [makeChange("insert", 99, makeClient(8))], "all")).toEqual(pages);
  });

  it("do not add to a search, which only the facade can judge", () => {
    const changes = [
      makeChange("insert", 101, makeClient(10)),
      makeChange("update", 102, makeClient(9, { name: "Renamed" })),
    ];

    expect(names(applyToPages([page([9], null)], changes, "searched"))).toEqual([["Renamed"]]);
  });

  it("leave untouched pages the same objects, so that nothing is drawn again", () => {
    const pages = [page([9], "more"), page([5], null)];
    const changed = applyToPages(
      pages,
      [makeChange("update", 101, makeClient(5, { name: "x" }))],
      "all",
    );

    expect(changed[0]).toBe(pages[0]);
    expect(changed[1]).not.toBe(pages[1]);
  });
});
