import {
  CircleCheck,
  CircleDashed,
  CloudOff,
  CloudUpload,
  type LucideIcon,
  RefreshCw,
  TriangleAlert,
  Unplug,
} from "lucide-react";
import type { SyncState } from "@/core/sync/standing";

/** The dress of each state: never the colour alone, always an icon and a word with it. */
export const looks: Record<SyncState, { icon: LucideIcon; style: string }> = {
  checking: { icon: CircleDashed, style: "bg-sunken text-ink-soft" },
  unreachable: { icon: Unplug, style: "bg-bad-soft text-bad" },
  offline: { icon: CloudOff, style: "bg-warn-soft text-warn" },
  error: { icon: TriangleAlert, style: "bg-bad-soft text-bad" },
  syncing: { icon: RefreshCw, style: "bg-sunken text-ink-soft" },
  waiting: { icon: CloudUpload, style: "bg-sunken text-ink-soft" },
  live: { icon: CircleCheck, style: "bg-good-soft text-good" },
};
