import { Link } from "wouter";
import { Button } from "@/components/Button";
import { Notice } from "@/components/Notice";
import { toast } from "@/components/Toaster";
import { HttpProblem } from "@/core/api/http";
import { offerLost } from "@/core/api/sync";
import { CLIENT_FIELDS, type ClientField, type LostChange } from "@/core/api/types";
import { formatField } from "@/core/format/field";
import { useTranslation } from "@/i18n";
import { problemMessage } from "@/i18n/errors";
import { ReasonNotice } from "./ReasonNotice";
import { useAct } from "./useAct";

interface LostCardProps {
  change: LostChange;
  onLetGo: () => void;
}

/** One lost change: what it was, when, before and after; to be offered again or let go. */
export function LostCard({ change, onLetGo }: LostCardProps) {
  const { t, formats } = useTranslation();
  const { busy, failure, act } = useAct();
  const { operation, timestamp, write_id } = change.headers;
  const name = change.value?.name ?? change.before?.name ?? t.outbox.unnamed;
  const when = (time: string) => formats.full(new Date(time));
  const offer = () =>
    act(async () => {
      const { outcome } = await offerLost(write_id);
      toast(outcome === "pending" ? t.outbox.kept : t.outbox.sent);
    });
  return (
    <li data-testid="lost-card" className="grid gap-2.5 rounded-xl border bg-surface px-4 py-3">
      <div className="grid gap-0.5">
        <p className="[overflow-wrap:anywhere]">
          <span className="text-ink-soft">{t.outbox.operations[operation]}</span>{" "}
          <span className="font-semibold">{name}</span>
        </p>
        <p className="text-ink-faint text-xs">
          {t.outbox.lostAt(when(timestamp), when(change.lost_at))}
        </p>
      </div>
      <Differences change={change} />
      {failure !== null && <Refusal failure={failure} id={change.key} />}
      <div className="flex flex-wrap gap-2">
        <Button size="small" look="primary" busy={busy} disabled={busy} onClick={offer}>
          {t.outbox.offer}
        </Button>
        <Button size="small" look="dangerGhost" disabled={busy} onClick={onLetGo}>
          {t.outbox.letGo}
        </Button>
      </div>
    </li>
  );
}

/** The fields that it changed; of a new client all, of a deleted one what it was. */
function Differences({ change: { before, value } }: { change: LostChange }) {
  const { t } = useTranslation();
  const fields = CLIENT_FIELDS.filter((field) => before?.[field] !== value?.[field]);
  const shown = fields.filter((field) => before?.[field] || value?.[field]);
  const text = (field: ClientField, side: LostChange["before"]) =>
    formatField(field, side?.[field]) || t.fields.empty;
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-[0.8125rem]">
      {shown.map((field) => (
        <div key={field} className="contents">
          <dt className="text-ink-faint">{t.fields[field]}</dt>
          <dd className="[overflow-wrap:anywhere]">
            {before && (
              <del className="text-ink-faint decoration-1">
                <span className="sr-only">{t.outbox.before} </span>
                {text(field, before)}
              </del>
            )}
            {before && value && <span aria-hidden> → </span>}
            {value && (
              <ins className="no-underline">
                <span className="sr-only">{t.outbox.after} </span>
                {text(field, value)}
              </ins>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Why it was not taken. A conflict is settled where the client is edited. */
function Refusal({ failure, id }: { failure: unknown; id: string }) {
  const { t } = useTranslation();
  if (!(failure instanceof HttpProblem) || !failure.problem.conflicts) {
    return (
      <Notice urgent tone="bad">
        {problemMessage(failure, t)}
      </Notice>
    );
  }
  const { conflicts, code = "conflict", detail = "" } = failure.problem;
  const reason = { code, detail, conflicts, errors: null, holder: null };
  return (
    <>
      <ReasonNotice reason={reason} />
      <Link href={`/clients/${id}`} className="text-accent-ink underline underline-offset-2">
        {t.outbox.openClient}
      </Link>
    </>
  );
}
