import { useState } from "react";
import { Link } from "wouter";
import { Button, buttonStyle } from "@/components/Button";
import { Confirm } from "@/components/Confirm";
import { Notice } from "@/components/Notice";
import type { ImportDesk } from "@/core/transfer/desk";
import type { ImportState } from "@/core/transfer/state";
import { useTranslation } from "@/i18n";

interface ProgressProps {
  state: ImportState;
  desk: ImportDesk;
}

/** How far an import is, why it waits, and what can be done about it. */
export function Progress({ state, desk }: ProgressProps) {
  const { t, formats } = useTranslation();
  const { phase, progress, waiting, objection, comparison, kept } = state;
  const percent = progress.total ? (100 * progress.sent) / progress.total : 100;
  return (
    <section className="grid gap-3 rounded-xl border bg-surface px-4 py-4 sm:px-5">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <p className="font-semibold tabular-nums" data-testid="import-progress">
          {t.import.sending(formats.number(progress.sent), formats.number(progress.total))}
        </p>
        {phase === "sending" && progress.rate !== null && (
          <p className="text-ink-soft tabular-nums">
            {t.import.rate(formats.number(Math.round(progress.rate)))}
          </p>
        )}
      </div>
      <div
        role="progressbar"
        aria-label={t.import.progress}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.floor(percent)}
        className="h-2 overflow-hidden rounded-full bg-sunken"
      >
        <div
          className="h-full rounded-full bg-accent transition-[width]"
          style={{ width: `${percent}%` }}
        />
      </div>
      {waiting && <Notice tone="warn">{t.import.waiting[waiting]}</Notice>}
      {!kept && <Notice tone="warn">{t.import.unkept}</Notice>}
      {phase === "paused" && (
        <Notice tone={objection ? "bad" : "info"} title={t.import.interrupted}>
          {objection ?? t.import.interruptedText}
        </Notice>
      )}
      <div className="flex flex-wrap justify-end gap-2">
        <GiveUp onGiveUp={() => desk.do({ do: "discard" })} />
        {phase === "sending" ? (
          <Button onClick={() => desk.do({ do: "pause" })}>{t.import.pause}</Button>
        ) : (
          <Button
            look="primary"
            disabled={comparison.state === "running"}
            busy={comparison.state === "running"}
            onClick={() => desk.do({ do: "start" })}
          >
            {t.import.resume}
          </Button>
        )}
      </div>
    </section>
  );
}

function GiveUp({ onGiveUp }: { onGiveUp: () => void }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button look="dangerGhost" onClick={() => setAsking(true)}>
        {t.import.giveUp}
      </Button>
      <Confirm
        open={asking}
        title={t.import.giveUpTitle}
        text={t.import.giveUpText}
        confirm={t.import.giveUp}
        cancel={t.app.cancel}
        onCancel={() => setAsking(false)}
        onConfirm={onGiveUp}
      />
    </>
  );
}

/** What came of it. */
export function Summary({ state, desk }: ProgressProps) {
  const { t, formats } = useTranslation();
  const { imported, kept, invalid, refused, repeated, known } = state.counts;
  const left = invalid + refused + repeated + known;
  const say = (text: (n: string, one: boolean) => string, n: number) =>
    text(formats.number(n), n === 1);
  return (
    <Notice
      tone={kept > 0 ? "warn" : "good"}
      title={t.import.done}
      actions={
        <>
          <Link href="/" className={buttonStyle({ look: "primary" })}>
            {t.import.seeClients}
          </Link>
          {kept > 0 && (
            <Link href="/outbox" className={buttonStyle()}>
              {t.import.seeOutbox}
            </Link>
          )}
          <Button onClick={() => desk.do({ do: "discard" })}>{t.import.otherFile}</Button>
        </>
      }
    >
      <p data-testid="import-summary">
        {say(t.import.doneCounts, imported)} {kept > 0 && say(t.import.doneKept, kept)}{" "}
        {left > 0 && say(t.import.doneLeft, left)}
      </p>
    </Notice>
  );
}
