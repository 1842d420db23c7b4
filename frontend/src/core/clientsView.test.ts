import { describe, expect, it } from "vitest";
import { type ClientsView, EVERYONE, searchOf, viewOf } from "./clientsView";

describe("the view of the list in the address", () => {
  const views: [string, ClientsView][] = [
    ["", EVERYONE],
    ["?q=ana+%26+bia", { ...EVERYONE, q: "ana & bia" }],
    ["?sort=name", { ...EVERYONE, sort: "name", order: "asc" }],
    ["?sort=name&order=desc&sync=pending", { q: "", sort: "name", order: "desc", sync: "pending" }],
    ["?order=asc", { ...EVERYONE, order: "asc" }],
  ];

  it.each(views)("%s is read and written alike", (search, view) => {
    expect(viewOf(search)).toEqual(view);
    expect(searchOf(view)).toBe(search);
  });

  it("takes what it does not understand for not said", () => {
    expect(viewOf("?sort=weight&order=up&sync=lost")).toEqual(EVERYONE);
  });
});
