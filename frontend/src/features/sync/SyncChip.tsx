import { useQueryClient } from "@tanstack/react-query";
import { Popover } from "radix-ui";
import { type ComponentProps, useEffect, useState } from "react";
import { cn } from "@/components/cn";
import { Dialog } from "@/components/Dialog";
import { useMedia } from "@/components/hooks";
import { followSync } from "@/core/sync/feed";
import { type Dictionary, useTranslation } from "@/i18n";
import { looks } from "./looks";
import { type SyncView, useLastingState, useSyncState } from "./useSyncState";
import { SyncPanel, useWarmUp } from "./views";

/** How this branch stands with the server, always in sight; the particulars on demand. */
export function SyncChip() {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const view = useSyncState();
  const state = useLastingState(view.state);
  const wide = useMedia("(min-width: 640px)");
  const [open, setOpen] = useState(false);
  useEffect(() => followSync(cache), [cache]);
  useWarmUp(view.report !== undefined);
  const shown = { ...view, state };
  const panel = (
    <SyncPanel
      view={shown}
      onLeave={() => setOpen(false)}
      waiting={<p className="p-4 text-ink-faint">{t.app.loading}</p>}
    />
  );
  return (
    <>
      <Announcement text={t.sync.states[state]} />
      {wide ? (
        <Popover.Root open={open} onOpenChange={setOpen}>
          <Popover.Trigger asChild>
            <Chip view={shown} />
          </Popover.Trigger>
          <Popover.Portal>
            <Popover.Content
              align="end"
              sideOffset={6}
              collisionPadding={8}
              aria-label={t.sync.label(t.sync.states[state])}
              className="z-40 max-h-(--radix-popover-content-available-height) w-[24rem] animate-pop overflow-y-auto rounded-xl border bg-raised shadow-float outline-none"
            >
              <Heading view={shown} />
              {panel}
            </Popover.Content>
          </Popover.Portal>
        </Popover.Root>
      ) : (
        <>
          <Chip
            view={shown}
            aria-haspopup="dialog"
            aria-expanded={open}
            onClick={() => setOpen(true)}
          />
          <Dialog
            open={open}
            onClose={() => setOpen(false)}
            title={t.sync.label(t.sync.states[state])}
            text={explanation(shown, t)}
          >
            <div className="overflow-y-auto">{panel}</div>
          </Dialog>
        </>
      )}
    </>
  );
}

/** Read out when the state changes, and only then: counts would never let one listen to the page. */
function Announcement({ text }: { text: string }) {
  const { t } = useTranslation();
  return (
    <span role="status" className="sr-only">
      {t.sync.label(text)}
    </span>
  );
}

type ChipProps = ComponentProps<"button"> & { view: SyncView };

function Chip({ view: { state, pending, open }, ...rest }: ChipProps) {
  const { t, formats } = useTranslation();
  const { icon: Icon, style } = looks[state];
  const quiet = state === "live" || (pending === 0 && open === 0);
  return (
    <button
      type="button"
      data-testid="sync-chip"
      data-state-name={state}
      {...rest}
      className={cn(
        "flex h-7 items-center gap-1.5 rounded-full px-2.5 font-medium text-[0.8125rem] whitespace-nowrap transition-colors pointer-coarse:h-9",
        style,
      )}
    >
      <Icon
        aria-hidden
        className={cn("size-3.5 shrink-0", state === "syncing" && "animate-spin")}
      />
      <span>
        <span className="sr-only">{t.sync.title}:</span> {t.sync.states[state]}
      </span>
      {!quiet && (
        <>
          <span aria-hidden className="tabular-nums">
            {formats.number(state === "error" ? open : pending)}
          </span>{" "}
          <span className="sr-only">
            {t.sync.counts(formats.number(pending), formats.number(open))}
          </span>
        </>
      )}
    </button>
  );
}

/** A copy that differs is put right by itself; all else that is wrong waits for a person. */
function explanation({ state, open }: SyncView, t: Dictionary): string {
  return state === "error" && open === 0 ? t.sync.differsBanner : t.sync.texts[state];
}

function Heading({ view }: { view: SyncView }) {
  const { t } = useTranslation();
  const { state } = view;
  const { icon: Icon, style } = looks[state];
  return (
    <div className="px-4 pt-4">
      <p className="flex items-center gap-2 font-semibold">
        <Icon aria-hidden className={cn("size-4", style, "bg-transparent")} />
        {t.sync.states[state]}
      </p>
      <p className="mt-1 text-ink-soft">{explanation(view, t)}</p>
    </div>
  );
}
