import { Link } from "wouter";
import { cn } from "@/components/cn";
import { CLIENT_FIELDS } from "@/core/api/types";
import { formatField } from "@/core/format/field";
import { toE164 } from "@/core/rules/phone";
import { inShort } from "@/core/text";
import { type Row, VERDICTS, type Verdict } from "@/core/transfer/shapes";
import type { ImportState } from "@/core/transfer/state";
import { useTranslation } from "@/i18n";
import { reasonsOf } from "./reasons";
import { Section } from "./Section";

interface RowsProps {
  state: ImportState;
  onShow: (verdict: Verdict | null) => void;
}

/** Some rows of each kind, and how many there are of it. */
export function Rows({ state, onShow }: RowsProps) {
  const { t, formats } = useTranslation();
  const { counts, shown, file } = state;
  const total = shown.verdict ? counts[shown.verdict] : (file?.rows ?? 0);
  const before = state.phase === "preview";
  const title = before ? t.import.preview : t.import.outcome;
  const kinds = VERDICTS.filter((verdict) => counts[verdict] > 0);
  return (
    <Section title={title}>
      <fieldset className="flex flex-wrap gap-1.5">
        <legend className="sr-only">{title}</legend>
        <Kind
          label={t.import.all}
          count={file?.rows ?? 0}
          here={shown.verdict === null}
          onShow={() => onShow(null)}
        />
        {kinds.map((verdict) => (
          <Kind
            key={verdict}
            testId={`count-${verdict}`}
            label={t.import.verdicts[verdict]}
            count={counts[verdict]}
            here={shown.verdict === verdict}
            onShow={() => onShow(verdict)}
          />
        ))}
      </fieldset>
      <ul className="divide-y border-t">
        {shown.rows.map((row) => (
          <RowItem key={row.number} row={row} />
        ))}
      </ul>
      {total > shown.rows.length && (
        <p className="text-center text-ink-faint">
          {t.import.moreRows(formats.number(total - shown.rows.length))}
        </p>
      )}
    </Section>
  );
}

interface KindProps {
  label: string;
  count: number;
  here: boolean;
  onShow: () => void;
  testId?: string;
}

function Kind({ label, count, here, onShow, testId }: KindProps) {
  const { formats } = useTranslation();
  return (
    <button
      type="button"
      aria-pressed={here}
      onClick={onShow}
      data-testid={testId}
      className={cn(
        "rounded-full border px-3 py-1 font-medium text-[0.8125rem] transition-colors pointer-coarse:py-2",
        here ? "border-accent bg-selected text-accent-ink" : "text-ink-soft hover:bg-hover",
      )}
    >
      {label} <span className="tabular-nums">{formats.number(count)}</span>
    </button>
  );
}

const TONES: Record<Verdict, string> = {
  new: "text-ink-soft",
  imported: "text-good",
  kept: "text-warn",
  invalid: "text-bad",
  refused: "text-bad",
  repeated: "text-warn",
  known: "text-ink-faint",
};

function RowItem({ row }: { row: Row }) {
  const { t, formats } = useTranslation();
  const { form, number, verdict, holder } = row;
  const rest = CLIENT_FIELDS.filter((field) => field !== "name" && form[field]);
  return (
    <li
      data-testid="import-row"
      className="grid grid-cols-[2.5rem_minmax(0,1fr)] gap-x-3 gap-y-1 py-2.5 sm:grid-cols-[3rem_minmax(0,1fr)_minmax(0,16rem)]"
    >
      <span className="text-right text-ink-faint tabular-nums">
        <span className="sr-only">{t.import.line("")}</span>
        {formats.number(number)}
      </span>
      <div className="min-w-0 [overflow-wrap:anywhere]">
        <p className="font-medium">
          {form.name || <span className="text-ink-faint">{t.import.unnamed}</span>}
        </p>
        <p className="text-[0.8125rem] text-ink-soft">
          {rest.map((field) => asKept(field, form[field])).join(" · ")}
        </p>
      </div>
      <div className={cn("col-start-2 text-[0.8125rem] sm:col-start-3", TONES[verdict])}>
        {reasonsOf(row, t, formats).map((reason) => (
          <p key={reason}>{reason}</p>
        ))}
        {holder && (
          <Link href={`/clients/${holder}`} className="underline underline-offset-2">
            {t.import.seeClient}
          </Link>
        )}
      </div>
    </li>
  );
}

/** As the register will show it, where that is certain. */
function asKept(field: (typeof CLIENT_FIELDS)[number], text: string): string {
  if (field === "notes") return inShort(text);
  return formatField(field, field === "phone" ? (toE164(text) ?? text) : text);
}
