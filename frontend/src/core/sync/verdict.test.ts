import { describe, expect, it } from "vitest";
import type { Receipt } from "../api/types";
import { verdictOn } from "./verdict";

/** A facade that gives these outcomes, one at each question, the last one for ever. */
function asked(...outcomes: Receipt["outcome"][]) {
  let questions = 0;
  const read = async (write_id: string) => {
    const outcome = outcomes[Math.min(questions++, outcomes.length - 1)];
    return { write_id, outcome } as Receipt;
  };
  return { io: { read, pause: async () => {} }, questions: () => questions };
}

describe("the verdict on a write", () => {
  it("is awaited while the server is deciding", async () => {
    const { io } = asked("pending", "pending", "accepted");

    expect((await verdictOn("w", io)).outcome).toBe("accepted");
  });

  it("may be a refusal again", async () => {
    expect((await verdictOn("w", asked("pending", "refused").io)).outcome).toBe("refused");
  });

  it("is not awaited for ever: the write is kept and goes by itself", async () => {
    const { io, questions } = asked("pending");

    expect((await verdictOn("w", io)).outcome).toBe("pending");
    expect(questions()).toBeLessThan(30);
  });

  it("is not awaited at all where nobody can give it", async () => {
    const { io, questions } = asked("pending");

    expect((await verdictOn("w", { ...io, patienceMs: 0 })).outcome).toBe("pending");
    expect(questions()).toBe(1);
  });
});
