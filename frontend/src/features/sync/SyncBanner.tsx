import { CloudOff, Unplug } from "lucide-react";
import { useTranslation } from "@/i18n";
import { useSyncState } from "./useSyncState";

/** Says over every page that what is read may not be the newest. */
export function SyncBanner() {
  const { t } = useTranslation();
  const { state } = useSyncState();
  const away = state === "offline" || state === "unreachable";
  const Icon = state === "offline" ? CloudOff : Unplug;
  return (
    <div role="status">
      {away && (
        <p className="flex items-start gap-2 border-b bg-warn-soft px-3 py-2 text-[0.8125rem] sm:px-5">
          <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
          {state === "offline" ? t.sync.offlineBanner : t.sync.unreachableBanner}
        </p>
      )}
    </div>
  );
}
