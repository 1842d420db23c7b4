import { describe, expect, it } from "vitest";
import { formatView, parseView, type View } from "./view";

const plain: View = {
  range: "5m",
  zoom: null,
  filter: {},
  selection: null,
  target: null,
  by: "route",
  asTable: false,
  own: false,
  entry: null,
};

describe("the view in the address", () => {
  it("leaves the address of the plain page empty", () => {
    expect(formatView(plain)).toBe("");
    expect(parseView("")).toEqual(plain);
  });

  it("is the same view when it is read again", () => {
    const view: View = {
      range: "7d",
      zoom: { from: 1_795_488_515_000, to: 1_795_488_525_000 },
      filter: {
        route: "/client/writes/{write_id}",
        facade: "matriz & filial",
        method: "POST",
        status: "5xx",
        minLatencyUs: 10_000,
      },
      selection: { from: 1_795_488_515_000, to: 1_795_488_516_000, minUs: 0, maxUs: 512 },
      target: { percent: 99.9, ms: 0.5 },
      by: "status",
      asTable: true,
      own: true,
      entry: "0660fcc1053f365aad3dd60000000c18",
    };

    expect(parseView(formatView(view))).toEqual(view);
  });

  it.each([
    "range=2h",
    "zoom=5_5",
    "zoom=abc_9",
    "zoom=1_9e99",
    "sel=1_2_900_100",
    "sel=1_2_3",
    "slo=101_50",
    "slo=99_0",
    "slo=99_-5",
    "min=-1",
    "min=1.5",
    "status=9xx",
    "method=DROP",
    "by=size",
    "view=pie",
    "own=yes",
  ])("takes %s, which makes no sense, as absent", (search) => {
    expect(parseView(search)).toEqual(plain);
  });
});
