import { useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/Button";
import { Confirm } from "@/components/Confirm";
import { Notice } from "@/components/Notice";
import { toast } from "@/components/Toaster";
import { sendWrite } from "@/core/api/clients";
import type { Client } from "@/core/api/types";
import { refreshAfterWrite } from "@/core/live/clientCache";
import { type Objection, objectionOf, objectionTo } from "@/core/objections";
import { contentOf } from "@/core/rules/client";
import { uuid7 } from "@/core/uuid";
import { type Dictionary, useTranslation } from "@/i18n";
import { reasonMessage } from "@/i18n/errors";

/** Deletes what the person saw when they were asked: a change since then is a conflict. */
export function DeleteClient({ client, onDeleted }: { client: Client; onDeleted: () => void }) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const [seen, setSeen] = useState<Client | null>(null);
  const [busy, setBusy] = useState(false);
  const [objection, setObjection] = useState<Objection | null>(null);
  const ask = (shown: Client | null) => {
    setObjection(null);
    setSeen(shown);
  };
  const confirm = async (asked: Client) => {
    setBusy(true);
    const answer = await deleteAsSeen(asked).catch(objectionOf);
    setBusy(false);
    if (typeof answer === "object") return setObjection(answer);
    setSeen(null);
    toast(answer === "pending" ? t.client.savedPending : t.client.deleted(asked.name));
    onDeleted();
    void refreshAfterWrite(cache, asked.id, answer === "pending");
  };
  return (
    <>
      <Button look="dangerGhost" size="small" onClick={() => ask(client)}>
        <Trash2 aria-hidden />
        {t.client.delete}
      </Button>
      <Confirm
        open={seen !== null}
        title={t.client.deleteTitle(seen?.name ?? client.name)}
        text={t.client.deleteText}
        confirm={t.client.delete}
        cancel={t.app.cancel}
        busy={busy}
        onConfirm={() => seen && confirm(seen)}
        onCancel={() => ask(null)}
      >
        {objection && (
          <Notice urgent tone="warn" className="mt-3">
            {describe(objection, t)}
          </Notice>
        )}
      </Confirm>
    </>
  );
}

async function deleteAsSeen(client: Client): Promise<"accepted" | "pending" | Objection> {
  const receipt = await sendWrite({
    write_id: uuid7(),
    operation: "delete",
    client_id: client.id,
    set: {},
    was: contentOf(client),
    at: new Date().toISOString(),
  });
  if (receipt.outcome !== "refused") return receipt.outcome;
  return objectionTo(receipt.reason ?? {});
}

function describe(objection: Objection, t: Dictionary): string {
  if (objection.kind === "away") return t.problems.away;
  if (objection.kind === "busy") return t.problems.busy;
  if (objection.kind === "no-answer") return t.form.noAnswerText;
  if (objection.kind === "conflict") return t.client.deleteChanged;
  if (objection.kind === "other") {
    return reasonMessage(objection.code, objection.detail, t) ?? t.form.refusedTitle;
  }
  return t.form.refusedTitle;
}
