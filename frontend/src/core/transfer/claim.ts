/** The right of one tab to the one import that a browser keeps. */
export interface Claim {
  /** Takes it if no other tab has it; tells whether it is this tab's now. */
  take: () => Promise<boolean>;
  /** Takes it once no other tab has it: those before gave it back, or were closed. */
  wait: () => Promise<unknown>;
  giveBack: () => void;
}

/** A lock of the browser (Web Locks); over plain HTTP from another machine there are none. */
export function tabClaim(name: string, locks = navigator.locks as LockManager | undefined): Claim {
  let giveBack: (() => void) | null = null;
  const request = (ifAvailable: boolean) =>
    new Promise<boolean>((resolve) => {
      if (!locks || giveBack) return resolve(true);
      void locks.request(name, { ifAvailable }, (lock) => {
        resolve(lock !== null);
        if (lock === null) return;
        return new Promise<void>((free) => {
          giveBack = free;
        });
      });
    });
  return {
    take: () => request(true),
    wait: () => request(false),
    giveBack: () => {
      giveBack?.();
      giveBack = null;
    },
  };
}
