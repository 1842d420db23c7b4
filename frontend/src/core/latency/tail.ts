import type { LogEntry } from "../api/types";

const KEPT_MAX = 1_000; // some screens full; the log itself has the rest

export interface TailState {
  paused: boolean;
  /** Newest first. */
  entries: LogEntry[];
  /** What arrived since the pause, newest first. */
  held: LogEntry[];
  /** More arrived in the pause than is held. */
  heldMore: boolean;
}

const EMPTY: TailState = { paused: false, entries: [], held: [], heldMore: false };

/** The newest entries of the log, as they come; what arrives in a pause is held back. */
export class TailBuffer {
  private state = EMPTY;
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly get = () => this.state;

  /** Takes entries as they came, oldest first. */
  add(arrived: LogEntry[]): void {
    const { paused, entries, held, heldMore } = this.state;
    const all = [...arrived].reverse().concat(paused ? held : entries);
    const kept = all.slice(0, KEPT_MAX);
    if (!paused) this.become({ ...this.state, entries: kept });
    else this.become({ ...this.state, held: kept, heldMore: heldMore || all.length > KEPT_MAX });
  }

  /** Some may be missing now: what came before is not followed by what comes. */
  restart(): void {
    if (this.state.paused) this.become({ ...this.state, held: [], heldMore: true });
    else this.become(EMPTY);
  }

  readonly pause = () => this.become({ ...this.state, paused: true });

  readonly resume = () => {
    const { entries, held } = this.state;
    this.become({ ...EMPTY, entries: [...held, ...entries].slice(0, KEPT_MAX) });
  };

  private become(state: TailState): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}
