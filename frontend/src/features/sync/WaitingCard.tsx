import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { Button } from "@/components/Button";
import { Confirm } from "@/components/Confirm";
import { Notice } from "@/components/Notice";
import { toast } from "@/components/Toaster";
import { readClient } from "@/core/api/clients";
import { discardWrite, editWrite, retryWrite } from "@/core/api/sync";
import type { WaitingWrite } from "@/core/api/types";
import { CLIENT_FIELDS } from "@/core/api/types";
import { formatField } from "@/core/format/field";
import { keys } from "@/core/live/clientCache";
import { useTranslation } from "@/i18n";
import { problemMessage } from "@/i18n/errors";
import { EditWaiting } from "./EditWaiting";
import { ReasonNotice } from "./ReasonNotice";

interface WaitingCardProps {
  write: WaitingWrite;
  onChanged: () => Promise<unknown>;
}

/** One write that waits or was refused: what it says, why it is here, what can be done. */
export function WaitingCard({ write, onChanged }: WaitingCardProps) {
  const { t, formats } = useTranslation();
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const act = async (action: Promise<void>, done?: string) => {
    setBusy(true);
    try {
      await action;
      if (done) toast(done);
      setFailure(null);
    } catch (error) {
      setFailure(error);
    }
    await onChanged();
    setBusy(false);
  };
  const since = new Date(Date.now() - write.age_ms);
  return (
    <li className="grid gap-2.5 rounded-xl border bg-surface px-4 py-3">
      <div className="flex flex-wrap items-baseline justify-between gap-x-3">
        <p className="min-w-0 break-words">
          <span className="text-ink-soft">{t.outbox.operations[write.operation]}</span>{" "}
          <ClientName write={write} />
        </p>
        <p className="text-ink-faint text-xs tabular-nums">
          {t.outbox.since(formats.full(since))}
          {write.attempts > 0 &&
            ` · ${t.outbox.attempts(formats.number(write.attempts), write.attempts === 1)}`}
        </p>
      </div>
      <Content write={write} />
      {write.reason && <ReasonNotice reason={write.reason} />}
      {!write.reason && write.last_error && (
        <p className="text-ink-faint text-xs [overflow-wrap:anywhere]">
          {t.outbox.lastError(write.last_error)}
        </p>
      )}
      {failure !== null && (
        <Notice urgent tone="bad">
          {problemMessage(failure, t)}
        </Notice>
      )}
      <Actions write={write} busy={busy} act={act} onChanged={onChanged} />
    </li>
  );
}

interface ActionsProps extends WaitingCardProps {
  busy: boolean;
  act: (action: Promise<void>, done?: string) => Promise<void>;
}

function Actions({ write, busy, act, onChanged }: ActionsProps) {
  const { t } = useTranslation();
  const [editing, setEditing] = useState(false);
  const [discarding, setDiscarding] = useState(false);
  const { write_id, set, operation, reason } = write;
  if (write.outcome !== "refused") {
    return (
      <div className="flex justify-end">
        <Button size="small" busy={busy} disabled={busy} onClick={() => act(retryWrite(write_id))}>
          {t.outbox.sendNow}
        </Button>
      </div>
    );
  }
  // A conflict stays one until the write is made against what the register holds now.
  const isConflict = reason?.code === "conflict";
  const again = () => (isConflict ? editWrite(write_id, set) : retryWrite(write_id));
  return (
    <div className="flex flex-wrap justify-end gap-2">
      <Button size="small" look="dangerGhost" onClick={() => setDiscarding(true)}>
        {t.outbox.discard}
      </Button>
      <Button size="small" busy={busy} disabled={busy} onClick={() => act(again(), t.outbox.sent)}>
        {isConflict ? t.outbox.keepMine : t.outbox.sendAgain}
      </Button>
      {operation !== "delete" && (
        <Button size="small" look="primary" onClick={() => setEditing(true)}>
          {t.outbox.edit}
        </Button>
      )}
      {editing && (
        <EditWaiting
          write={write}
          onClose={() => setEditing(false)}
          onSent={() => {
            setEditing(false);
            toast(t.outbox.sent);
            void onChanged();
          }}
        />
      )}
      <Confirm
        open={discarding}
        title={t.outbox.discardTitle}
        text={t.outbox.discardText}
        confirm={t.outbox.discard}
        cancel={t.app.cancel}
        onCancel={() => setDiscarding(false)}
        onConfirm={() => {
          setDiscarding(false);
          void act(discardWrite(write_id));
        }}
      />
    </div>
  );
}

/** The name it has in the write, or that the branch knows for the client. */
function ClientName({ write }: { write: WaitingWrite }) {
  const { t } = useTranslation();
  const { data } = useQuery({
    queryKey: keys.client(write.client_id),
    queryFn: ({ signal }) => readClient(write.client_id, signal),
  });
  const known = data?.state === "here" ? data.client.name : (write.was.name ?? t.outbox.unnamed);
  const name = <span className="font-semibold">{write.set.name ?? known}</span>;
  if (data?.state !== "here") return name;
  return (
    <Link href={`/clients/${write.client_id}`} className="underline decoration-current/30">
      {name}
    </Link>
  );
}

function Content({ write }: { write: WaitingWrite }) {
  const { t } = useTranslation();
  const fields = CLIENT_FIELDS.filter((field) => {
    return field in write.set && (write.operation === "update" || write.set[field]);
  });
  if (fields.length === 0) return null;
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-[0.8125rem]">
      {fields.map((field) => (
        <div key={field} className="contents">
          <dt className="text-ink-faint">{t.fields[field]}</dt>
          <dd className="[overflow-wrap:anywhere]">
            {formatField(field, write.set[field]) || t.fields.empty}
          </dd>
        </div>
      ))}
    </dl>
  );
}
