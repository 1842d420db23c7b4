import { CircleCheck, CircleX, Clock, type LucideIcon } from "lucide-react";
import { Button } from "@/components/Button";
import { CopyButton } from "@/components/CopyButton";
import { Notice } from "@/components/Notice";
import type { Receipt } from "@/core/api/types";
import { formatField } from "@/core/format/field";
import { mergeOutcome, type Pair } from "@/core/merge";
import { type Dictionary, useTranslation } from "@/i18n";
import { problemMessage, reasonMessage } from "@/i18n/errors";
import type { Merge, Merged } from "./useMerge";

interface MergeReportProps {
  pair: Pair;
  merged: Merged;
  merge: Merge;
  onCompare: (pair: Pair) => void;
  onRepaired: (merged: Merged) => void;
  onShow: (id: string) => void;
}

/** Says exactly what was done to each of the two records, and what is left to do. */
export function MergeReport(props: MergeReportProps) {
  const { pair, merged, merge, onCompare, onRepaired, onShow } = props;
  const { t } = useTranslation();
  const outcome = mergeOutcome(merged.receipts);
  const tone = outcome === "merged" ? "good" : outcome === "pending" ? "warn" : "bad";
  const compareAgain = async () => {
    const now = await merge.reread(pair);
    if (now) onCompare(now);
    else onShow(pair.kept.id);
  };
  const repair = async () => {
    const repaired = await merge.repair(pair.kept, merged);
    if (repaired) onRepaired(repaired);
  };
  return (
    <div data-testid="merge-report" className="grid min-h-0 gap-4 overflow-y-auto px-5 py-4">
      <Notice
        urgent
        tone={tone}
        title={t.merge.outcomes[outcome](pair.kept.name, pair.removed.name)}
      >
        {t.merge.remedies[outcome]}
      </Notice>
      <ol className="grid gap-2">
        {merged.receipts.map((receipt) => (
          <ReceiptLine key={receipt.write_id} receipt={receipt} pair={pair} />
        ))}
      </ol>
      {merge.error !== null && (
        <Notice urgent tone="warn" title={problemMessage(merge.error, t)}>
          {t.merge.undecided}
        </Notice>
      )}
      <div className="flex flex-wrap justify-end gap-2">
        {(outcome === "nothing" || outcome === "not-deleted") && (
          <Button busy={merge.busy} disabled={merge.busy} onClick={compareAgain}>
            {t.merge.compareAgain}
          </Button>
        )}
        {outcome === "not-updated" && (
          <Button look="primary" busy={merge.busy} disabled={merge.busy} onClick={repair}>
            {t.merge.repair(pair.kept.name)}
          </Button>
        )}
        <Button
          look={outcome === "merged" || outcome === "pending" ? "primary" : "secondary"}
          onClick={() => onShow(pair.kept.id)}
        >
          {t.client.look}
        </Button>
      </div>
    </div>
  );
}

const icons: Record<Receipt["outcome"], LucideIcon> = {
  accepted: CircleCheck,
  pending: Clock,
  refused: CircleX,
};
const colours = { accepted: "text-good", pending: "text-warn", refused: "text-bad" };

function ReceiptLine({ receipt, pair }: { receipt: Receipt; pair: Pair }) {
  const { t } = useTranslation();
  const { outcome, operation, write_id } = receipt;
  const Icon = icons[outcome];
  const { name } = operation === "delete" ? pair.removed : pair.kept;
  const did = operation === "delete" ? t.merge.deletion(name) : t.merge.update(name);
  return (
    <li data-write={write_id} className="flex items-start gap-2 rounded-lg border px-3 py-2">
      <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${colours[outcome]}`} />
      <div className="min-w-0 flex-1 [overflow-wrap:anywhere]">
        <p className="font-medium">
          {did}: {t.merge.receipt[outcome]}
        </p>
        {outcome === "refused" && <Why receipt={receipt} />}
        <p className="flex flex-wrap items-center text-ink-faint text-xs">
          {t.merge.receiptId} {write_id}
          <CopyButton value={write_id} label={t.merge.receiptId} />
        </p>
      </div>
    </li>
  );
}

function Why({ receipt: { reason } }: { receipt: Receipt }) {
  const { t } = useTranslation();
  return (
    <div className="text-ink-soft">
      <p>{because(reason, t)}</p>
      <ul>
        {reason?.conflicts?.map(({ field, theirs }) => (
          <li key={field}>
            {t.merge.now(
              t.fields[field as keyof typeof t.fields] ?? field,
              formatField(field, theirs) || t.fields.empty,
            )}
          </li>
        ))}
        {reason?.errors?.map(({ field, code, detail }) => (
          <li key={field}>{t.errors[code ?? ""] ?? detail}</li>
        ))}
      </ul>
    </div>
  );
}

function because(reason: Receipt["reason"], t: Dictionary): string {
  if (reason?.code === "depends-on") return t.merge.notTried;
  return reasonMessage(reason?.code, reason?.detail, t) ?? t.form.refusedTitle;
}
