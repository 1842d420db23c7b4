import { CircleCheck, TriangleAlert } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { Button } from "@/components/Button";
import { cn } from "@/components/cn";
import { Input } from "@/components/Field";
import { type Grid, shareWithin } from "@/core/latency/grid";
import { isTarget, type Target } from "@/core/latency/view";
import { useTranslation } from "@/i18n";
import { useWords } from "./useWords";

interface TargetFormProps {
  target: Target | null;
  grid: Grid;
  onSet: (target: Target | null) => void;
}

const USUAL: Target = { percent: 99, ms: 100 };

/** "99 % within 100 ms": what somebody promised, and whether it holds in this window. */
export function TargetForm({ target, grid, onSet }: TargetFormProps) {
  const { t, formats } = useTranslation();
  const written = (value: number) =>
    formats.number(value, { maximumFractionDigits: 3, useGrouping: false });
  const [percent, setPercent] = useState(written((target ?? USUAL).percent));
  const [ms, setMs] = useState(written((target ?? USUAL).ms));
  const [wrong, setWrong] = useState(false);
  const note = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = { percent: numberIn(percent), ms: numberIn(ms) };
    setWrong(!isTarget(wanted));
    if (isTarget(wanted)) onSet(wanted);
  };
  const field = {
    inputMode: "decimal",
    className: "h-8 text-right",
    ...(wrong ? { "aria-invalid": true, "aria-describedby": note } : {}),
  } as const;
  return (
    <form
      noValidate
      onSubmit={submit}
      className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t px-4 py-2.5 text-[0.8125rem]"
    >
      <div className="flex flex-wrap items-center gap-2">
        <span className="font-medium">{t.latency.target}</span>
        <span className="w-16">
          <Input
            {...field}
            aria-label={t.latency.targetPercent}
            value={percent}
            onChange={(event) => setPercent(event.target.value)}
          />
        </span>
        {t.latency.targetUnder}
        <span className="w-20">
          <Input
            {...field}
            aria-label={t.latency.targetMs}
            value={ms}
            onChange={(event) => setMs(event.target.value)}
          />
        </span>
        ms
        <Button type="submit" size="small">
          {t.latency.targetSet}
        </Button>
        {target && (
          <Button size="small" look="ghost" onClick={() => onSet(null)}>
            {t.latency.targetRemove}
          </Button>
        )}
      </div>
      {wrong && (
        <p id={note} role="alert" className="text-bad text-xs">
          {t.latency.targetInvalid}
        </p>
      )}
      {target && <Verdict target={target} grid={grid} />}
    </form>
  );
}

function Verdict({ target, grid }: { target: Target; grid: Grid }) {
  const { t, formats } = useTranslation();
  const words = useWords();
  const share = shareWithin(grid, target);
  if (share === null) return <p className="text-ink-faint">{t.latency.targetNone}</p>;
  const met = share * 100 >= target.percent;
  const Icon = met ? CircleCheck : TriangleAlert;
  const tell = met ? t.latency.targetMet : t.latency.targetMissed;
  // Never rounded up to a target that was missed.
  const told = Math.floor(share * 10_000) / 10_000;
  return (
    <p
      data-testid="latency-target"
      className={cn("flex items-center gap-1.5 font-medium", met ? "text-good" : "text-bad")}
    >
      <Icon aria-hidden className="size-4 shrink-0" />
      {tell(formats.percent(told), words.latency(target.ms * 1_000))}
    </p>
  );
}

/** 99.9 or 99,9. */
function numberIn(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text.trim().replace(",", "."));
}
