import { type ReactNode, useEffect } from "react";
import { useLocation } from "wouter";
import { Dialog } from "@/components/Dialog";
import { useLeaveGuard } from "@/components/useLeaveGuard";

/** The ways out of a form in a dialog; each asks first when something typed would be lost. */
export interface Ways {
  mark: (typed: boolean) => void;
  close: () => void;
  /** To the page of a client. */
  show: (id: string) => void;
}

interface FormDialogProps {
  onClose: () => void;
  title: string;
  text?: string;
  className?: string;
  children: (ways: Ways) => ReactNode;
}

/** A dialog with a form about a write. */
export function FormDialog({ onClose, children, ...texts }: FormDialogProps) {
  const guard = useLeaveGuard();
  const [, navigate] = useLocation();
  const ways: Ways = {
    mark: guard.mark,
    close: () => guard.leave(onClose),
    show: (id) =>
      guard.leave(() => {
        onClose();
        navigate(`/clients/${id}`);
      }),
  };
  return (
    <>
      <Dialog open {...texts} onClose={ways.close}>
        {children(ways)}
      </Dialog>
      {guard.question}
    </>
  );
}

/** Tells the dialog whether something was typed. */
export function useTyped({ mark }: Ways, typed: boolean): void {
  useEffect(() => {
    mark(typed);
    return () => mark(false);
  });
}
