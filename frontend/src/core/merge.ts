import {
  CLIENT_FIELDS,
  type Client,
  type ClientContent,
  type ClientField,
  type Receipt,
  type Write,
} from "./api/types";
import { type ClientForm, contentOf, toContent, toForm } from "./rules/client";
import { deletionOf, updateOf } from "./writes";

/** Two records of one person, as they were shown; `kept` is the one that stays. */
export interface Pair {
  kept: Client;
  removed: Client;
}

/** Whether a person has to say which of two documents is right. */
export function mustChoose(field: ClientField, { kept, removed }: Pair): boolean {
  const [mine, other] = [kept[field], removed[field]];
  return field === "document" && Boolean(mine && other) && mine !== other;
}

/** What the result begins with: what the one that stays has, else what the other has. */
export function proposal(pair: Pair): ClientForm {
  const [mine, other] = [toForm(contentOf(pair.kept)), toForm(contentOf(pair.removed))];
  const choice = (field: ClientField) =>
    mustChoose(field, pair) ? "" : mine[field] || other[field];
  return Object.fromEntries(CLIENT_FIELDS.map((field) => [field, choice(field)])) as ClientForm;
}

/** What the form says, with values of the two records as the register has them. */
export function resultOf(form: ClientForm, { kept, removed }: Pair): ClientContent {
  const typed = toContent(form);
  const exact = (field: ClientField) => {
    const source = [kept, removed].find((one) => toForm(contentOf(one))[field] === form[field]);
    return source ? source[field] : typed[field];
  };
  return Object.fromEntries(CLIENT_FIELDS.map((field) => [field, exact(field)])) as ClientContent;
}

/**
 * The writes that leave one record with `result`, in the order in which they are to be decided. Each
 * depends on the one before: refused there, nothing more happens.
 *
 * The update comes first, so that nothing is deleted before its data are safe. But a document
 * belongs to one living client: to take it over, the record that has it must be deleted before.
 */
export function planMerge({ kept, removed }: Pair, result: ClientContent): Write[] {
  const update = updateOf(kept, result);
  const deletion = deletionOf(removed);
  if (!update) return [deletion];
  const takesOver = Boolean(update.set.document) && update.set.document === removed.document;
  const [first, second] = takesOver ? [deletion, update] : [update, deletion];
  return [first, { ...second, depends_on: [first.write_id] }];
}

export type MergeOutcome =
  /** One record is left, with all that was chosen; `pending`: as soon as the server is back. */
  | "merged"
  | "pending"
  /** Both records are as they were. */
  | "nothing"
  /** The record that stays has everything; the other is still there. */
  | "not-deleted"
  /** The other record is gone; the one that stays has not got what was chosen. */
  | "not-updated";

/** What has been done, by the receipts that the writes were given. */
export function mergeOutcome(receipts: Receipt[]): MergeOutcome {
  const refused = receipts.filter(({ outcome }) => outcome === "refused");
  if (refused.length === receipts.length) return "nothing";
  if (refused.length > 0) {
    return refused[0]?.operation === "delete" ? "not-deleted" : "not-updated";
  }
  return receipts.some(({ outcome }) => outcome === "pending") ? "pending" : "merged";
}
