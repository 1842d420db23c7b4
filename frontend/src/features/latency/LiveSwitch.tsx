import { Pause, Play } from "lucide-react";
import { Button } from "@/components/Button";
import { cn } from "@/components/cn";
import { useDebounced } from "@/components/hooks";
import { useTranslation } from "@/i18n";
import type { Live } from "./useLive";

const GLIMPSE_MS = 1_500; // a feed is opened anew once a minute: nothing to speak of

interface LiveSwitchProps {
  live: Live;
  /** The requests of the view that arrived since the pause. */
  waiting: number;
  onResume: () => void;
}

/** Whether the page moves on by itself, and how much waits while it does not. */
export function LiveSwitch({ live, waiting, onResume }: LiveSwitchProps) {
  const { t, formats } = useTranslation();
  const { paused, fixed, heldMore } = live;
  const lately = useDebounced(live.connected, GLIMPSE_MS);
  const connected = live.connected || lately;
  const count = formats.number(waiting);
  const state = fixed
    ? t.latency.notLive
    : paused
      ? t.latency.paused
      : connected
        ? t.latency.live
        : t.latency.connecting;
  return (
    <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
      <span
        data-testid="latency-live"
        className="flex flex-wrap items-center gap-x-1.5 text-[0.8125rem] text-ink-soft"
      >
        <span
          aria-hidden
          className={cn(
            "size-2 rounded-full",
            connected && !paused && !fixed ? "bg-good" : "bg-line-strong",
          )}
        />
        {state}
        {paused && !fixed && (
          <span className="tabular-nums">
            · {t.latency.arrived(waiting, heldMore ? t.latency.moreThan(count) : count)}
          </span>
        )}
      </span>
      {!fixed && (
        <Button size="small" onClick={paused ? onResume : live.pause}>
          {paused ? <Play aria-hidden /> : <Pause aria-hidden />}
          {paused ? t.latency.resume : t.latency.pause}
        </Button>
      )}
    </div>
  );
}
