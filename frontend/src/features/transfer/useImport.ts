import { useSyncExternalStore } from "react";
import { type ImportDesk, theDesk } from "@/core/transfer/desk";
import type { ImportState } from "@/core/transfer/state";

/** The import as it stands; null until that is known. */
export function useImport(): { state: ImportState | null; desk: ImportDesk } {
  const desk = theDesk();
  return { state: useSyncExternalStore(desk.subscribe, desk.get), desk };
}
