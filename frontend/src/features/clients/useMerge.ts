import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { readClient, sendWrites } from "@/core/api/clients";
import type { Client, ClientContent, Receipt, Write } from "@/core/api/types";
import { drafts } from "@/core/drafts";
import { refreshAfterWrite } from "@/core/live/clientCache";
import { mergeOutcome, type Pair, planMerge } from "@/core/merge";
import { toForm } from "@/core/rules/client";
import { updateOf } from "@/core/writes";

/** What was asked for, and the register's answers: all that are known, earlier ones too. */
export interface Merged {
  result: ClientContent;
  receipts: Receipt[];
}

export interface Merge {
  busy: boolean;
  /** What went wrong when nothing was decided, or it is not known whether. */
  error: unknown;
  merge: (pair: Pair, result: ClientContent) => Promise<Merged | null>;
  /** Gives the record that stays what it did not get, over what it holds now. */
  repair: (kept: Client, merged: Merged) => Promise<Merged | null>;
  /** Reads both records again, to compare them once more; null when one is gone. */
  reread: (pair: Pair) => Promise<Pair | null>;
}

export function useMerge(): Merge {
  const cache = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const undecided = useRef<{ key: string; writes: Write[] } | null>(null);

  const attempt = async <T>(work: () => Promise<T>): Promise<T | null> => {
    setBusy(true);
    setError(null);
    try {
      return await work();
    } catch (failure) {
      setError(failure);
      return null;
    } finally {
      setBusy(false);
    }
  };

  /** The same content again is the same writes again: the server then decides them once. */
  const send = async (key: string, writes: Write[]): Promise<Receipt[]> => {
    if (undecided.current?.key !== key) undecided.current = { key, writes };
    const receipts = await sendWrites(undecided.current.writes);
    undecided.current = null;
    for (const { client_id, outcome } of receipts) {
      void refreshAfterWrite(cache, client_id, outcome === "pending");
    }
    return receipts;
  };

  return {
    busy,
    error,
    merge: (pair, result) =>
      attempt(async () => {
        const key = JSON.stringify([pair, result]);
        const merged = { result, receipts: await send(key, planMerge(pair, result)) };
        // The other record is gone: what it knew must outlive this page, too.
        if (mergeOutcome(merged.receipts) === "not-updated") {
          drafts.set(pair.kept.id, { form: toForm(result), loaded: pair.kept });
        }
        return merged;
      }),
    repair: (kept, { result, receipts }) =>
      attempt(async () => {
        const found = await readClient(kept.id);
        const update = updateOf(found.state === "here" ? found.client : kept, result);
        const earlier = receipts.filter(({ operation }) => operation === "delete");
        const key = JSON.stringify([kept.id, update?.was, result]);
        const later = update ? await send(key, [update]) : [];
        const repaired = { result, receipts: [...earlier, ...later] };
        if (mergeOutcome(repaired.receipts) !== "not-updated") drafts.clear(kept.id);
        return repaired;
      }),
    reread: (pair) =>
      attempt(async () => {
        const [kept, removed] = await Promise.all([
          readClient(pair.kept.id),
          readClient(pair.removed.id),
        ]);
        if (kept.state !== "here" || removed.state !== "here") return null;
        return { kept: kept.client, removed: removed.client };
      }),
  };
}
