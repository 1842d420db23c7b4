import { CloudOff, type LucideIcon, TriangleAlert, Unplug } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { useTranslation } from "@/i18n";
import { useSyncState } from "./useSyncState";

/** Says over every page what people should know: that reads may be old, that writes were refused. */
export function SyncBanner() {
  const { t, formats } = useTranslation();
  const { state, report } = useSyncState();
  const refused = report?.outbox.refused ?? 0;
  return (
    <div role="status">
      {state === "offline" && <Line icon={CloudOff}>{t.sync.offlineBanner}</Line>}
      {state === "unreachable" && <Line icon={Unplug}>{t.sync.unreachableBanner}</Line>}
      {refused > 0 && (
        <Line icon={TriangleAlert}>
          {t.sync.refusedBanner(formats.number(refused), refused === 1)}{" "}
          <Link href="/outbox" className="font-semibold underline underline-offset-2">
            {t.sync.seeOutbox}
          </Link>
        </Line>
      )}
    </div>
  );
}

function Line({ icon: Icon, children }: { icon: LucideIcon; children: ReactNode }) {
  return (
    <p className="flex items-start gap-2 border-b bg-warn-soft px-3 py-2 text-[0.8125rem] sm:px-5">
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
      <span>{children}</span>
    </p>
  );
}
