import { toContent } from "../rules/client";
import { idsOf, newSeed, type Seed } from "./ids";
import { decided, type Insert } from "./sender";
import type { Row } from "./shapes";
import type { ImportState } from "./state";
import { type KeptBatch, type Outcome, storage } from "./storage";

const BATCH_ROWS = 200; // decided in one transaction, in some 50 ms

/** What is told while rows are sent. */
export type Told = Partial<Pick<ImportState, "waiting" | "kept">> & { rate?: number };

/**
 * Sends rows, batch by batch. Which rows go together is written down before they are sent, and what
 * came of them after it: whatever cuts in, the same writes are sent again and none is done twice.
 */
export class Delivery {
  constructor(
    private readonly rows: readonly Row[],
    readonly seed: Seed = newSeed(),
    private readonly batches: KeptBatch[] = [],
  ) {
    for (const { rows: places, outcomes } of batches) if (outcomes) this.decide(places, outcomes);
  }

  /** How many rows are decided. */
  get sent(): number {
    return this.batches.reduce((sum, { rows, outcomes }) => sum + (outcomes ? rows.length : 0), 0);
  }

  private get last(): number {
    return this.batches.at(-1)?.rows.at(-1) ?? -1;
  }

  /** Whether sending has come past this row. */
  isPast(place: number): boolean {
    return place <= this.last;
  }

  async run(tell: (told: Told) => void, signal: AbortSignal): Promise<void> {
    const [before, began] = [this.sent, performance.now()];
    for (const [place, batch] of this.batches.entries()) {
      if (!batch.outcomes) await this.send(place, batch, tell, signal);
    }
    for (let rows = this.nextRows(); rows.length > 0; rows = this.nextRows()) {
      await this.send(this.batches.length, { rows, outcomes: null }, tell, signal);
      tell({ rate: (1_000 * (this.sent - before)) / (performance.now() - began) });
    }
  }

  private async send(
    place: number,
    batch: KeptBatch,
    tell: (told: Told) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const keep = async (kept: KeptBatch) => {
      this.batches[place] = kept;
      await storage.keep(place, kept).catch(() => tell({ kept: false }));
    };
    await keep(batch);
    const inserts = batch.rows.map((row) => this.insertOf(row));
    const outcomes = await decided(inserts, (waiting) => tell({ waiting }), signal);
    this.decide(batch.rows, outcomes);
    await keep({ ...batch, outcomes });
  }

  private insertOf(place: number): Insert {
    const row = this.rows[place];
    if (!row) throw new Error("No such row.");
    const ids = idsOf(this.seed, place);
    const at = new Date(this.seed.at).toISOString();
    const client_id = row.id ?? ids.client_id;
    return { ...ids, client_id, operation: "insert", set: toContent(row.form), at };
  }

  private decide(places: readonly number[], outcomes: readonly Outcome[]): void {
    places.forEach((place, i) => {
      Object.assign(this.rows[place] ?? {}, outcomes[i]);
    });
  }

  private nextRows(): number[] {
    const rows: number[] = [];
    for (let i = this.last + 1; i < this.rows.length && rows.length < BATCH_ROWS; i++) {
      if (this.rows[i]?.verdict === "new") rows.push(i);
    }
    return rows;
  }
}
