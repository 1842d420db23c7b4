import { HttpProblem } from "../api/http";
import type { Claim } from "./claim";
import { examples, guessMapping } from "./columns";
import { Delivery } from "./delivery";
import { Comparison, judge } from "./judge";
import { FileProblem, type Mapping, type Row, type Verdict } from "./shapes";
import { count, EMPTY, type ImportState, SHOWN_ROWS } from "./state";
import { storage } from "./storage";
import { everyClient } from "./stream";
import { FILE_BYTES_MAX, readTable, type Table } from "./table";

const COMPARED_BETWEEN_WORDS = 5_000;

/** A row that was not imported, as it stands in the file. */
export interface LeftRow {
  cells: string[];
  row: Row;
}

const kept = () => storage.load().catch(() => ({ begun: null, batches: [] }));

/** Takes clients from a file into the register, and goes on with it after a reload. */
export class Importer {
  private state = EMPTY;
  private bytes = new ArrayBuffer(0);
  private table: Table | null = null;
  private rows: Row[] = [];
  private delivery: Delivery | null = null;
  private work = new AbortController();

  /** Invariant: a file is open, or kept in the storage by this importer, only while it has the claim. */
  constructor(
    private readonly tell: (state: ImportState) => void,
    private readonly claim: Claim,
  ) {}

  /** Takes up what a reload has cut off, or the end of another tab. */
  async restore(): Promise<void> {
    if (!(await this.claim.take())) return this.standBy();
    const { begun, batches } = await kept();
    if (!begun) {
      this.claim.giveBack();
      return this.set({ phase: "empty" });
    }
    this.set({ phase: "reading" });
    this.read(begun.bytes, begun.name);
    this.judge(begun.mapping);
    this.delivery = new Delivery(this.rows, begun.seed, batches);
    this.set({ phase: this.remaining() > 0 ? "paused" : "done" });
    await this.compare();
  }

  /** Another tab has the import: two would overwrite what each keeps of it. */
  private async standBy(): Promise<void> {
    this.set({ ...EMPTY, phase: "elsewhere" });
    await this.claim.wait();
    await this.restore();
  }

  async open(file: File): Promise<void> {
    if (!(await this.claim.take())) return this.standBy();
    if (!this.table && (await kept()).begun) return this.restore(); // of a tab that was closed since
    await this.forget();
    this.set({ phase: "reading" });
    try {
      if (file.size > FILE_BYTES_MAX) throw new FileProblem("too-large");
      const table = this.read(await file.arrayBuffer(), file.name);
      this.judge(guessMapping(table));
    } catch (error) {
      const { code, row } = error instanceof FileProblem ? error : new FileProblem("unreadable");
      this.claim.giveBack();
      return this.set({ ...EMPTY, problem: { code, row: row ?? null } });
    }
    this.set({ phase: "preview" });
    await this.compare();
  }

  private read(bytes: ArrayBuffer, name: string): Table {
    const table = readTable(bytes);
    const { header, rows, delimiter, encoding } = table;
    const facts = { header, delimiter, encoding, examples: examples(table), rows: rows.length };
    this.bytes = bytes;
    this.table = table;
    this.set({ file: { name, ...facts } });
    return table;
  }

  /** Takes fields from other columns, before anything was sent. */
  async map(mapping: Mapping): Promise<void> {
    this.judge(mapping);
    await this.compare();
  }

  private judge(mapping: Mapping): void {
    if (!this.table) return;
    this.rows = judge(this.table, mapping);
    this.set({ mapping, comparison: { state: "running", clients: 0 } });
  }

  /** Finds the rows that the register has already. */
  async compare(): Promise<void> {
    const { signal } = this.begin();
    const comparison = new Comparison(this.rows.filter((_, i) => !this.delivery?.isPast(i)));
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
      this.delivery ??= await this.newDelivery();
      await this.delivery.run(({ rate, ...told }) => {
        this.set({ ...told, ...(rate ? { progress: { ...this.progress(), rate } } : {}) });
      }, signal);
      this.set({ phase: "done", waiting: null });
    } catch (error) {
      if (signal.aborted) return;
      const objection = error instanceof HttpProblem ? error.message : String(error);
      this.set({ phase: "paused", waiting: null, objection });
    }
  }

  private async newDelivery(): Promise<Delivery> {
    const delivery = new Delivery(this.rows);
    const { file, mapping } = this.state;
    if (file && mapping) {
      const { seed } = delivery;
      const begun = { seed, name: file.name, bytes: this.bytes, mapping };
      await storage.begin(begun).catch(() => this.set({ kept: false }));
    }
    return delivery;
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
    await this.forget();
    this.claim.giveBack();
  }

  private async forget(): Promise<void> {
    this.begin();
    Object.assign(this, { table: null, rows: [], delivery: null, state: EMPTY });
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

  private remaining(): number {
    return this.rows.filter(({ verdict }) => verdict === "new").length;
  }

  private progress(): ImportState["progress"] {
    const sent = this.delivery?.sent ?? 0;
    return { ...this.state.progress, sent, total: sent + this.remaining() };
  }

  private set(change: Partial<ImportState>): void {
    const { verdict } = change.shown ?? this.state.shown;
    const rows: Row[] = [];
    for (const row of this.rows) {
      if (rows.length === SHOWN_ROWS) break;
      if (verdict === null || row.verdict === verdict) rows.push(row);
    }
    this.state = {
      ...this.state,
      progress: this.progress(),
      ...change,
      shown: { verdict, rows },
      counts: count(this.rows),
    };
    this.tell(this.state);
  }
}
