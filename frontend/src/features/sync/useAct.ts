import { useState } from "react";
import { toast } from "@/components/Toaster";
import { useRefresh } from "./useRefresh";

/** Runs one action at a time, says what it came to, and has the list read again. */
export function useAct() {
  const refresh = useRefresh();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const act = async (action: () => Promise<unknown>, done?: string): Promise<boolean> => {
    setBusy(true);
    setFailure(null);
    let succeeded = true;
    try {
      await action();
      if (done) toast(done);
    } catch (error) {
      succeeded = false;
      setFailure(error);
    }
    await refresh();
    setBusy(false);
    return succeeded;
  };
  return { busy, failure, act };
}
