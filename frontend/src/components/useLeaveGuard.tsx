import { type ReactNode, useEffect, useRef, useState } from "react";
import { Confirm } from "@/components/Confirm";
import { useTranslation } from "@/i18n";

export interface LeaveGuard {
  /** Tells whether something typed would be lost by leaving, and what to do when it is given up. */
  mark: (dirty: boolean, onDiscard?: () => void) => void;
  /** Leaves at once, or after the person agreed to lose what was typed. */
  leave: (action: () => void) => void;
  /** The question; to be rendered. */
  question: ReactNode;
}

/** Keeps people from losing what they typed by a stray click. */
export function useLeaveGuard(): LeaveGuard {
  const { t } = useTranslation();
  const dirty = useRef(false);
  const discard = useRef<(() => void) | undefined>(undefined);
  const [waiting, setWaiting] = useState<(() => void) | null>(null);
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (dirty.current) event.preventDefault();
    };
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, []);
  const go = (action: () => void) => {
    if (dirty.current) discard.current?.();
    dirty.current = false;
    setWaiting(null);
    action();
  };
  return {
    mark: (value, onDiscard) => {
      dirty.current = value;
      discard.current = onDiscard;
    },
    leave: (action) => (dirty.current ? setWaiting(() => action) : go(action)),
    question: (
      <Confirm
        open={waiting !== null}
        title={t.form.discardTitle}
        text={t.form.discardText}
        confirm={t.form.discard}
        cancel={t.form.keepEditing}
        onConfirm={() => waiting && go(waiting)}
        onCancel={() => setWaiting(null)}
      />
    ),
  };
}
