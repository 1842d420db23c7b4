import { HttpProblem } from "../api/http";
import { toContent } from "../rules/client";
import { examples, guessMapping } from "./columns";
import { idsOf, newSeed, type Seed } from "./ids";
import { Comparison, judge } from "./judge";
import { decided, type Insert } from "./sender";
import { FileProblem, type Mapping, type Row, type Verdict } from "./shapes";
import { count, EMPTY, type ImportState, SHOWN_ROWS } from "./state";
import { type KeptBatch, type Outcome, storage } from "./storage";
import { everyClient } from "./stream";
import { FILE_BYTES_MAX, readTable, type Table } from "./table";

const BATCH_ROWS = 200; // decided in one transaction, in some 50 ms
const COMPARED_BETWEEN_WORDS = 5_000;

/** A row that was not imported, as it stands in the file. */
export interface LeftRow {
  cells: string[];
  row: Row;
}

/**
 * Takes clients from a file into the register. Its ids are made once, when it starts, and kept with
 * the file and each batch's outcome: after a reload or a lost line the same writes are sent again,
 * and the register does none of them twice.
 */
export class Importer {
  private state = EMPTY;
  private bytes = new ArrayBuffer(0);
  private table: Table | null = null;
  private rows: Row[] = [];
  private batches: KeptBatch[] = [];
  private seed: Seed | null = null;
  private work = new AbortController();

  constructor(private readonly tell: (state: ImportState) => void) {}

  /** Takes up what a reload has cut off. */
  async restore(): Promise<void> {
    const { begun, batches } = await storage.load().catch(() => ({ begun: null, batches: [] }));
    if (!begun) return this.set({});
    this.read(begun.bytes, begun.name);
    this.seed = begun.seed;
    this.batches = batches;
    this.rejudge(begun.mapping);
    for (const { rows, outcomes } of batches) if (outcomes) this.decide(rows, outcomes);
    this.set({ phase: this.remaining() > 0 ? "paused" : "done" });
    await this.compare();
  }

  async open(file: File): Promise<void> {
    await this.discard();
    this.set({ phase: "reading" });
    try {
      if (file.size > FILE_BYTES_MAX) throw new FileProblem("too-large");
      this.read(await file.arrayBuffer(), file.name);
    } catch (error) {
      const { code, row } = error instanceof FileProblem ? error : new FileProblem("unreadable");
      return this.set({ ...EMPTY, problem: { code, row: row ?? null } });
    }
    if (this.table) await this.map(guessMapping(this.table));
  }

  private read(bytes: ArrayBuffer, name: string): void {
    const table = readTable(bytes);
    this.bytes = bytes;
    this.table = table;
    const { header, rows, delimiter, encoding } = table;
    const facts = { header, delimiter, encoding, examples: examples(table), rows: rows.length };
    this.set({ file: { name, ...facts }, phase: "preview" });
  }

  /** Takes fields from other columns, before anything was sent. */
  async map(mapping: Mapping): Promise<void> {
    this.rejudge(mapping);
    await this.compare();
  }

  private rejudge(mapping: Mapping): void {
    if (!this.table) return;
    this.rows = judge(this.table, mapping);
    this.set({ mapping, comparison: { state: "running", clients: 0 } });
  }

  /** Finds the rows that the register has already. */
  async compare(): Promise<void> {
    const { signal } = this.begin();
    const comparison = new Comparison(this.rows.filter((_, i) => !this.wasSent(i)));
    let clients = 0;
    try {
      for await (const client of everyClient(signal)) {
        comparison.meet(client);
        if (++clients % COMPARED_BETWEEN_WORDS === 0) {
          this.set({ comparison: { state: "running", clients } });
        }
      }
      this.set({ comparison: { state: "done", clients } });
    } catch {
      if (!signal.aborted) this.set({ comparison: { state: "failed", clients } });
    }
  }

  /** Sends what is new, from where it was. */
  async start(): Promise<void> {
    const { signal } = this.begin();
    this.set({ phase: "sending", objection: null });
    try {
      if (!this.seed) await this.keepBeginning();
      await this.sendAll(signal);
      this.set({ phase: "done", waiting: null });
    } catch (error) {
      if (signal.aborted) return;
      const objection = error instanceof HttpProblem ? error.message : String(error);
      this.set({ phase: "paused", waiting: null, objection });
    }
  }

  private async keepBeginning(): Promise<void> {
    const { file, mapping } = this.state;
    this.seed = newSeed();
    if (!file || !mapping) return;
    const begun = { seed: this.seed, name: file.name, bytes: this.bytes, mapping };
    await this.kept(storage.begin(begun));
  }

  private async sendAll(signal: AbortSignal): Promise<void> {
    const [before, began] = [this.sent(), performance.now()];
    for (const [place, batch] of this.batches.entries()) {
      if (!batch.outcomes) await this.send(place, batch, signal);
    }
    for (let rows = this.nextRows(); rows.length > 0; rows = this.nextRows()) {
      await this.send(this.batches.length, { rows, outcomes: null }, signal);
      const seconds = (performance.now() - began) / 1_000;
      this.set({ progress: { ...this.progress(), rate: (this.sent() - before) / seconds } });
    }
  }

  /** Which rows go together is written down first: sent again, it is the same batch. */
  private async send(place: number, batch: KeptBatch, signal: AbortSignal): Promise<void> {
    this.batches[place] = batch;
    await this.kept(storage.keep(place, batch));
    const onWait = (waiting: ImportState["waiting"]) => {
      if (waiting !== this.state.waiting) this.set({ waiting });
    };
    const outcomes = await decided(
      batch.rows.map((i) => this.insertOf(i)),
      onWait,
      signal,
    );
    this.batches[place] = { ...batch, outcomes };
    this.decide(batch.rows, outcomes);
    await this.kept(storage.keep(place, { ...batch, outcomes }));
  }

  private insertOf(place: number): Insert {
    const row = this.rows[place];
    if (!row || !this.seed) throw new Error("No such row.");
    const ids = idsOf(this.seed, place);
    const at = new Date(this.seed.at).toISOString();
    const client_id = row.id ?? ids.client_id;
    return { ...ids, client_id, operation: "insert", set: toContent(row.form), at };
  }

  private decide(rows: readonly number[], outcomes: readonly Outcome[]): void {
    rows.forEach((place, i) => {
      Object.assign(this.rows[place] ?? {}, outcomes[i]);
    });
  }

  private nextRows(): number[] {
    const after = this.batches.at(-1)?.rows.at(-1) ?? -1;
    const rows: number[] = [];
    for (let i = after + 1; i < this.rows.length && rows.length < BATCH_ROWS; i++) {
      if (this.rows[i]?.verdict === "new") rows.push(i);
    }
    return rows;
  }

  pause(): void {
    this.begin();
    this.set({ phase: "paused", waiting: null });
  }

  /** Shows rows of one kind; null: those at the file's beginning. */
  show(verdict: Verdict | null): void {
    this.set({ shown: { verdict, rows: [] } });
  }

  /** Forgets the file; what was imported stays. */
  async discard(): Promise<void> {
    this.begin();
    Object.assign(this, { table: null, rows: [], batches: [], seed: null });
    this.state = EMPTY;
    this.set({});
    await storage.forget().catch(() => {});
  }

  /** The rows that did not come into the register. */
  left(): LeftRow[] {
    const rows = this.rows.map((row, i) => ({ row, cells: this.table?.rows[i]?.cells ?? [] }));
    return rows.filter(({ row }) => !["new", "imported", "kept"].includes(row.verdict));
  }

  /** Ends what is under way and gives the next its signal. */
  private begin(): AbortController {
    this.work.abort();
    this.work = new AbortController();
    return this.work;
  }

  private async kept(storing: Promise<void>): Promise<void> {
    await storing.catch(() => this.set({ kept: false }));
  }

  private wasSent(place: number): boolean {
    return place <= (this.batches.at(-1)?.rows.at(-1) ?? -1);
  }

  private sent(): number {
    return this.batches.reduce((sum, { rows, outcomes }) => sum + (outcomes ? rows.length : 0), 0);
  }

  private remaining(): number {
    return this.rows.filter(({ verdict }) => verdict === "new").length;
  }

  private progress(): ImportState["progress"] {
    const sent = this.sent();
    return { ...this.state.progress, sent, total: sent + this.remaining() };
  }

  private set(change: Partial<ImportState>): void {
    const state = { ...this.state, ...change };
    const { verdict } = state.shown;
    const chosen: Row[] = [];
    for (const row of this.rows) {
      if (chosen.length === SHOWN_ROWS) break;
      if (verdict === null || row.verdict === verdict) chosen.push(row);
    }
    const shown = { verdict, rows: chosen };
    const progress = change.progress ?? this.progress();
    this.state = { ...state, shown, counts: count(this.rows), progress };
    this.tell(this.state);
  }
}
