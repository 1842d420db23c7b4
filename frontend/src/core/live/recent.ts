import type { Change } from "../api/types";

const KEPT_ITEMS_MAX = 1_000; // far more than arrive while one page is being read

/** The last changes of the feed: a page that was read meanwhile may be older than they are. */
export class RecentChanges {
  private changes: Change[] = [];

  add(changes: Change[]): void {
    this.changes = [...this.changes, ...changes].slice(-KEPT_ITEMS_MAX);
  }

  /** Forgets all, or what was told of some clients before they were erased. */
  clear(ids?: readonly string[]): void {
    this.changes = ids
      ? this.changes.filter(({ key, headers }) => headers.erased || !ids.includes(key))
      : [];
  }

  /** Those that came after `position`; none when the page does not say where it was read. */
  after(position: string | null): Change[] {
    if (position === null) return [];
    return this.changes.filter((change) => change.headers.version > position);
  }
}
