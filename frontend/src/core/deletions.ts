import { sendWrite } from "./api/clients";
import type { Client, Receipt, Write } from "./api/types";
import { type Objection, objectionOf, objectionTo } from "./objections";
import { createStore } from "./store";
import { deletionOf } from "./writes";

/** How long one can think better of it. */
export const UNDO_MS = 10_000;
/** By then the feed has taken a deleted client out of every list. */
const SETTLED_MS = 5_000;

export type DeletionOutcome =
  | { outcome: "accepted" | "pending" }
  | { outcome: "refused"; objection: Objection };

interface Surroundings {
  send: (write: Write) => Promise<Receipt>;
  /** Runs something after some time; gives what calls it off. */
  after: (ms: number, run: () => void) => () => void;
}

export interface DeletionEvents {
  /** It was sent or undone: nothing is left to undo. */
  onOver: () => void;
  onOutcome: (outcome: DeletionOutcome) => void;
}

interface Deletion extends DeletionEvents {
  write: Write;
  callOff: () => void;
}

/**
 * Deletions that can still be undone. Each waits its own time and is then sent: as the client was
 * seen when it was asked for, so that a change since then is a conflict. Nothing of this outlives
 * the page: if it crashes while a deletion waits, the client simply stays.
 */
export class Deletions {
  private readonly waiting = new Map<string, Deletion>();
  private readonly hidden = createStore<ReadonlySet<string>>(new Set());
  readonly get = this.hidden.get;
  readonly subscribe = this.hidden.subscribe;

  constructor(private readonly surroundings: Surroundings) {}

  /** Hides a client at once, and deletes it unless that is undone in time. */
  begin(client: Client, events: DeletionEvents): void {
    if (this.get().has(client.id)) return;
    const callOff = this.countDown(client.id);
    this.waiting.set(client.id, { write: deletionOf(client), callOff, ...events });
    this.hide(client.id);
  }

  /** Lets the time stand still while somebody considers, and begin anew after that. */
  hold(id: string, held: boolean): void {
    const deletion = this.waiting.get(id);
    if (!deletion) return;
    deletion.callOff();
    if (!held) deletion.callOff = this.countDown(id);
  }

  private countDown(id: string): () => void {
    return this.surroundings.after(UNDO_MS, () => this.send(id));
  }

  canUndo(id: string): boolean {
    return this.waiting.has(id);
  }

  /** Shows a client again, with nothing sent. */
  undo(id: string): void {
    if (this.take(id)) this.show(id);
  }

  /** Sends all that waits: the page may not come back. */
  async sendAll(): Promise<void> {
    await Promise.all([...this.waiting.keys()].map((id) => this.send(id)));
  }

  private async send(id: string): Promise<void> {
    const deletion = this.take(id);
    if (!deletion) return;
    const outcome = await this.verdict(deletion.write);
    if (outcome.outcome === "refused") this.show(id);
    else this.surroundings.after(SETTLED_MS, () => this.show(id));
    deletion.onOutcome(outcome);
  }

  private take(id: string): Deletion | undefined {
    const deletion = this.waiting.get(id);
    this.waiting.delete(id);
    deletion?.callOff();
    deletion?.onOver();
    return deletion;
  }

  private async verdict(write: Write): Promise<DeletionOutcome> {
    try {
      const { outcome, reason } = await this.surroundings.send(write);
      if (outcome !== "refused") return { outcome };
      return { outcome, objection: objectionTo(reason ?? {}) };
    } catch (error) {
      return { outcome: "refused", objection: objectionOf(error) };
    }
  }

  private hide(id: string): void {
    this.hidden.set(new Set([...this.get(), id]));
  }

  private show(id: string): void {
    this.hidden.set(new Set([...this.get()].filter((one) => one !== id)));
  }
}

/** The deletions of this page; `get` gives the clients that are not to be shown. */
export const deletions = new Deletions({
  send: sendWrite,
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
});

/** A page that is left, or put aside on a phone, may never run again. */
export function sendWhenLeft(window: Window): void {
  window.addEventListener("pagehide", () => void deletions.sendAll());
  window.document.addEventListener("visibilitychange", () => {
    if (window.document.hidden) void deletions.sendAll();
  });
}
