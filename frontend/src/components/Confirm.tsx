import { AlertDialog } from "radix-ui";
import type { ReactNode } from "react";
import { Button } from "./Button";
import { useReturnFocus } from "./hooks";

interface ConfirmProps {
  open: boolean;
  title: string;
  text: string;
  confirm: string;
  cancel: string;
  busy?: boolean;
  /** What went wrong at the last attempt. */
  children?: ReactNode;
  onConfirm: () => void;
  onCancel: () => void;
}

/** Asks before something is lost. */
export function Confirm(props: ConfirmProps) {
  const focus = useReturnFocus();
  return (
    <AlertDialog.Root open={props.open} onOpenChange={(next) => !next && props.onCancel()}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-50 animate-fade bg-[oklch(0.15_0.02_265/0.4)]" />
        <AlertDialog.Content
          {...focus}
          className="fixed top-1/2 left-1/2 z-50 w-[min(26rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 animate-fade rounded-xl border bg-raised p-5 shadow-float outline-none"
        >
          <AlertDialog.Title className="break-words font-semibold text-base">
            {props.title}
          </AlertDialog.Title>
          <AlertDialog.Description className="mt-1 text-ink-soft">
            {props.text}
          </AlertDialog.Description>
          {props.children}
          <div className="mt-5 flex flex-wrap justify-end gap-2">
            <AlertDialog.Cancel asChild>
              <Button>{props.cancel}</Button>
            </AlertDialog.Cancel>
            <Button look="danger" busy={props.busy} disabled={props.busy} onClick={props.onConfirm}>
              {props.confirm}
            </Button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
