import { useSyncExternalStore } from "react";
import { type Access, type Act, access, may } from "@/core/access";

/** Who uses the pages. */
export function useAccess(): Access {
  return useSyncExternalStore(access.subscribe, access.get);
}

/** Whether who uses the pages may do this. */
export function useMay(act: Act): boolean {
  return may(useAccess(), act);
}
