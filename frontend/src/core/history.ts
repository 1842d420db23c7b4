import { type Change, CLIENT_FIELDS, type Client, type ClientField } from "./api/types";

export interface FieldStep {
  field: ClientField;
  from: string | null;
  to: string | null;
}

/** A change, and what it changed: known where the change before it is known. */
export interface Step {
  change: Change;
  fields: FieldStep[];
}

/** From a client's changes, oldest first, to what each did, latest first. */
export function stepsOf(changes: Change[]): Step[] {
  return changes
    .map((change, i) => ({ change, fields: differences(changes[i - 1], change) }))
    .reverse();
}

function differences(before: Change | undefined, after: Change): FieldStep[] {
  const [old, now] = [before?.value, after.value];
  if (!old || !now || after.headers.operation !== "update") return [];
  return CLIENT_FIELDS.filter((field) => old[field] !== now[field]).map((field) => ({
    field,
    from: old[field],
    to: now[field],
  }));
}

/** The client as it was last, when it may be gone: changes are oldest first, and a deletion has no value. */
export function lastKnown(changes: Change[] | undefined): Client | null {
  return changes?.findLast(({ value }) => value)?.value ?? null;
}
