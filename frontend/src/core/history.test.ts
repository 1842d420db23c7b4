import { expect, it } from "vitest";
import { makeChange, makeClient } from "@/test/samples";
import { stepsOf } from "./history";

it("a history tells what each change did, the latest first", () => {
  const before = makeClient(1, { phone: null });
  const after = { ...before, phone: "+5511987654321" };
  const changes = [
    makeChange("insert", 1, before),
    makeChange("update", 2, after),
    makeChange("delete", 3, after),
  ];

  const steps = stepsOf(changes).map(({ change, fields }) => [change.headers.operation, fields]);

  expect(steps).toEqual([
    ["delete", []],
    ["update", [{ field: "phone", from: null, to: "+5511987654321" }]],
    ["insert", []],
  ]);
});
