import { expect, it } from "vitest";
import { makeChange, makeClient } from "@/test/samples";
import { lastKnown, stepsOf } from "./history";

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

it("a client that was deleted is known as it was last", () => {
  const changes = [makeChange("insert", 1, makeClient(1)), makeChange("delete", 2, makeClient(1))];

  expect(lastKnown(changes)).toMatchObject({ id: makeClient(1).id });
  expect([lastKnown([]), lastKnown(undefined)]).toEqual([null, null]);
});
