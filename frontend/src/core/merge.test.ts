import { describe, expect, it } from "vitest";
import { makeClient } from "@/test/samples";
import type { Client, Receipt } from "./api/types";
import { mergeOutcome, mustChoose, planMerge, proposal, resultOf } from "./merge";
import { contentOf } from "./rules/client";

const kept = makeClient(1, { name: "Ana", document: "39053344705" });
const removed = makeClient(2, { name: "Ana Lima", phone: "+5511987654321" });
const withDocument = { ...removed, document: "52998224725" };

const plan = (other: Client, changes: Partial<ReturnType<typeof contentOf>>) =>
  planMerge({ kept, removed: other }, { ...contentOf(kept), ...changes });

describe("what is proposed", () => {
  it("is what the record that stays has, else what the other has", () => {
    expect(proposal({ kept, removed })).toEqual({
      name: "Ana",
      document: "390.533.447-05",
      phone: "(11) 98765-4321",
      email: "",
      notes: "",
    });
  });

  it("is no document where two differ: that is for a person to say", () => {
    const pair = { kept, removed: withDocument };

    expect(mustChoose("document", pair)).toBe(true);
    expect(proposal(pair).document).toBe("");
    expect(mustChoose("document", { kept, removed })).toBe(false);
    expect(mustChoose("name", pair)).toBe(false);
  });
});

describe("the result", () => {
  it("holds the values of the two records as the register has them", () => {
    const pair = { kept, removed };

    expect(resultOf(proposal(pair), pair)).toEqual({
      ...contentOf(kept),
      phone: "+5511987654321",
    });
  });

  it("holds what was typed instead", () => {
    const pair = { kept, removed };

    expect(resultOf({ ...proposal(pair), name: " Ana L. ", phone: "" }, pair)).toMatchObject({
      name: "Ana L.",
      phone: null,
    });
  });
});

describe("the plan of a merge", () => {
  it("updates the one before it deletes the other, which waits for that", () => {
    const [update, deletion, ...rest] = plan(removed, { phone: "+5511987654321" });

    expect(update).toMatchObject({
      operation: "update",
      client_id: kept.id,
      set: { phone: "+5511987654321" },
      was: { phone: null },
    });
    expect(deletion).toMatchObject({
      operation: "delete",
      client_id: removed.id,
      was: contentOf(removed),
      depends_on: [update?.write_id],
    });
    expect(rest).toEqual([]);
  });

  it("deletes first when a document changes hands, for it has one holder at a time", () => {
    const [deletion, update] = plan(withDocument, { document: "52998224725" });

    expect(deletion).toMatchObject({ operation: "delete", client_id: removed.id });
    expect(deletion).not.toHaveProperty("depends_on");
    expect(update).toMatchObject({
      operation: "update",
      set: { document: "52998224725" },
      was: { document: "39053344705" },
      depends_on: [deletion?.write_id],
    });
  });

  it("updates first when a document goes, and nobody's is taken over", () => {
    expect(plan(removed, { document: null })[0]?.operation).toBe("update");
  });

  it("only deletes when the record that stays has everything already", () => {
    expect(plan(removed, {}).map(({ operation }) => operation)).toEqual(["delete"]);
  });
});

describe("what has been done", () => {
  const receipts = (...told: [Receipt["operation"], Receipt["outcome"]][]) =>
    told.map(([operation, outcome]) => ({ operation, outcome }) as Receipt);

  it.each([
    [receipts(["update", "accepted"], ["delete", "accepted"]), "merged"],
    [receipts(["delete", "accepted"]), "merged"],
    [receipts(["update", "pending"], ["delete", "pending"]), "pending"],
    [receipts(["update", "refused"], ["delete", "refused"]), "nothing"],
    [receipts(["delete", "refused"]), "nothing"],
    [receipts(["update", "accepted"], ["delete", "refused"]), "not-deleted"],
    [receipts(["delete", "accepted"], ["update", "refused"]), "not-updated"],
    [receipts(["delete", "pending"], ["update", "refused"]), "not-updated"],
  ])("is told by all receipts", (given, outcome) => {
    expect(mergeOutcome(given)).toBe(outcome);
  });
});
