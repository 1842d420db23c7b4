import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { useTranslation } from "@/i18n";
import { Button } from "./Button";
import { cn } from "./cn";
import { useReturnFocus } from "./hooks";

const overlay = "fixed inset-0 z-40 animate-fade bg-[oklch(0.15_0.02_265/0.4)]";

interface DialogProps {
  open: boolean;
  /** Asked to close: by Escape, by a click outside, by the cross. */
  onClose: () => void;
  title: string;
  text?: string;
  className?: string;
  children: ReactNode;
}

/** A modal dialog; on phones it fills the screen's width at its foot. */
export function Dialog({ open, onClose, title, text, className, children }: DialogProps) {
  const { t } = useTranslation();
  const focus = useReturnFocus();
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={overlay} />
        <Radix.Content
          data-modal
          {...focus}
          {...(text ? {} : { "aria-describedby": undefined })}
          className={cn(
            "fixed z-50 flex max-h-[92dvh] flex-col border bg-raised shadow-float outline-none",
            "inset-x-0 bottom-0 animate-rise rounded-t-xl",
            "sm:inset-x-auto sm:top-[8vh] sm:bottom-auto sm:left-1/2 sm:w-[30rem] sm:max-h-[84vh] sm:-translate-x-1/2 sm:rounded-xl",
            className,
          )}
        >
          <header
            className={cn("flex gap-3 border-b px-5 py-3.5", text ? "items-start" : "items-center")}
          >
            <div className="min-w-0 flex-1">
              <Radix.Title className="font-semibold text-base">{title}</Radix.Title>
              {text && <Radix.Description className="text-ink-soft">{text}</Radix.Description>}
            </div>
            <Radix.Close asChild>
              <Button look="ghost" size="icon" aria-label={t.app.close} className="-mr-2">
                <X aria-hidden />
              </Button>
            </Radix.Close>
          </header>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** On narrow screens: a sheet over everything, with its own heading inside. */
export function Sheet({
  label,
  onClose,
  children,
}: {
  label: string;
  onClose: () => void;
  children: ReactNode;
}) {
  const focus = useReturnFocus();
  return (
    <Radix.Root open onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={overlay} />
        <Radix.Content
          {...focus}
          aria-describedby={undefined}
          className="fixed inset-y-0 right-0 z-40 flex w-full animate-slide flex-col bg-surface shadow-float outline-none sm:w-[28rem] sm:border-l"
        >
          <Radix.Title className="sr-only">{label}</Radix.Title>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
