import type { WaitingWrite } from "@/core/api/types";
import { useTranslation } from "@/i18n";
import { Age, Countdown } from "./Age";

/** How long a write has been here, how often it was sent in vain, and what comes next. */
export function WriteFacts({ write, toldAt }: { write: WaitingWrite; toldAt: number }) {
  const { t, formats } = useTranslation();
  const { age_ms, attempts, last_error, next_retry_at, outcome } = write;
  const next = (left: string) => ` · ${t.outbox.next(left)}`;
  return (
    <div className="grid gap-0.5 text-ink-faint text-xs tabular-nums">
      <p>
        <Age since={toldAt - age_ms} text={t.sync.ago} />
        {attempts > 0 && ` · ${t.outbox.attempts(formats.number(attempts), attempts === 1)}`}
        {next_retry_at && <Countdown until={Date.parse(next_retry_at)} text={next} />}
      </p>
      {outcome !== "refused" && last_error && (
        <p className="[overflow-wrap:anywhere]">{t.outbox.lastError(last_error)}</p>
      )}
    </div>
  );
}
