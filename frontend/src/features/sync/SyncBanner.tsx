import { CloudOff, type LucideIcon, TriangleAlert, Unplug } from "lucide-react";
import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { useTranslation } from "@/i18n";
import { useSyncState } from "./useSyncState";

/** Says over every page what people should know: that reads may be old, that writes were refused. */
export function SyncBanner() {
  const { t } = useTranslation();
  const { state, report } = useSyncState();
  if (state === "unreachable") {
    return (
      <section aria-label={t.sync.title}>
        <Line icon={Unplug}>{t.sync.unreachableBanner}</Line>
      </section>
    );
  }
  return (
    <section aria-label={t.sync.title} className="empty:hidden">
      {state === "offline" && <Line icon={CloudOff}>{t.sync.offlineBanner}</Line>}
      {report?.digest.state === "differs" && (
        <Line icon={TriangleAlert}>{t.sync.differsBanner}</Line>
      )}
      <ToDecide count={report?.outbox.refused ?? 0} text={t.sync.refusedBanner} />
      <ToDecide count={report?.lost ?? 0} text={t.sync.lostBanner} />
    </section>
  );
}

interface ToDecideProps {
  count: number;
  text: (n: string, one: boolean) => string;
}

function ToDecide({ count, text }: ToDecideProps) {
  const { t, formats } = useTranslation();
  const [location] = useLocation();
  if (count === 0 || location === "/outbox") return null;
  return (
    <Line icon={TriangleAlert}>
      {text(formats.number(count), count === 1)}{" "}
      <Link href="/outbox" className="font-semibold underline underline-offset-2">
        {t.sync.seeOutbox}
      </Link>
    </Line>
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
