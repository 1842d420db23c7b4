import { useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { dismissToast, toast } from "@/components/Toaster";
import type { Client } from "@/core/api/types";
import { deletions, sendWhenLeft, UNDO_MS } from "@/core/deletions";
import { refreshAfterWrite } from "@/core/live/clientCache";
import type { Objection } from "@/core/objections";
import { type Dictionary, useTranslation } from "@/i18n";
import { reasonMessage } from "@/i18n/errors";
import { focusList } from "./focusList";

sendWhenLeft(window);

/** The clients that are being deleted, and are not to be shown. */
export function useDeleting(): ReadonlySet<string> {
  return useSyncExternalStore(deletions.subscribe, deletions.get);
}

/** Deletes a client without a question, for it can be undone; `onShow` opens a client. */
export function useDeleteClient(onShow: (id: string) => void): (client: Client) => void {
  const { t } = useTranslation();
  const cache = useQueryClient();
  return (client) => {
    const offer = toast(t.client.deleted(client.name), {
      action: { label: t.client.undo, run: () => undo(client.id) },
      shown_ms: UNDO_MS,
      onHold: (held) => deletions.hold(client.id, held),
    });
    deletions.begin(client, {
      onOver: () => dismissToast(offer),
      onOutcome: (answer) => {
        const pending = answer.outcome === "pending";
        void refreshAfterWrite(cache, client.id, pending);
        if (pending) toast(t.client.deletedPending(client.name));
        if (answer.outcome !== "refused") return;
        toast(`${t.client.notDeleted(client.name)} ${describe(answer.objection, t)}`, {
          tone: "bad",
          action: { label: t.client.look, run: () => onShow(client.id) },
        });
      },
    });
  };
}

function undo(id: string): void {
  deletions.undo(id);
  // The button that had the focus is gone.
  requestAnimationFrame(() => document.activeElement === document.body && focusList());
}

function describe(objection: Objection, t: Dictionary): string {
  if (objection.kind === "away") return t.problems.away;
  if (objection.kind === "busy") return t.problems.busy;
  if (objection.kind === "no-answer") return t.client.deleteUnknown;
  if (objection.kind === "conflict") return t.client.deleteChanged;
  if (objection.kind === "other") {
    return reasonMessage(objection.code, objection.detail, t) ?? t.form.refusedTitle;
  }
  return t.form.refusedTitle;
}
