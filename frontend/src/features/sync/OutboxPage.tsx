import { CloudCheck, Unplug } from "lucide-react";
import { useEffect } from "react";
import { EmptyState } from "@/components/EmptyState";
import { useMay } from "@/components/useAccess";
import type { SyncReport } from "@/core/api/types";
import { useTranslation } from "@/i18n";
import { LostChanges } from "./LostChanges";
import { OutboxGroup } from "./OutboxGroup";
import { useSyncState } from "./useSyncState";
import { useWriteTasks } from "./useWriteTasks";
import { WriteCard } from "./WriteCard";

/** The writes of this branch that the server has not accepted: those that a person must see first. */
export default function OutboxPage() {
  const { t } = useTranslation();
  const { report, toldAt, state } = useSyncState();
  useEffect(() => {
    document.title = `${t.outbox.title} · Clientela`;
  }, [t]);
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto grid max-w-3xl gap-6 px-3 py-4 sm:px-5 sm:py-6">
        <div>
          <h1 className="font-semibold text-lg tracking-tight">{t.outbox.title}</h1>
          <p className="text-ink-faint">{t.outbox.subtitle}</p>
        </div>
        {report && <Outbox report={report} toldAt={toldAt} />}
        {!report && state === "checking" && <Loading />}
        {!report && state === "unreachable" && (
          <EmptyState icon={Unplug} title={t.outbox.loadFailed} text={t.outbox.loadFailedText} />
        )}
      </div>
    </div>
  );
}

function Outbox({ report, toldAt }: { report: SyncReport; toldAt: number }) {
  const { t } = useTranslation();
  const tasks = useWriteTasks();
  const repairs = useMay("repair");
  const { pending, refused } = report.outbox;
  const offline = report.state === "offline";
  const cards = (isShown: (isRefused: boolean) => boolean) =>
    report.writes
      .filter(({ outcome }) => isShown(outcome === "refused"))
      .map((write) => (
        <WriteCard key={write.write_id} write={write} toldAt={toldAt} onTask={tasks.begin} />
      ));
  const refusedCards = cards((isRefused) => isRefused);
  const pendingCards = cards((isRefused) => !isRefused);
  return (
    <>
      {pending + refused + report.lost === 0 && (
        <EmptyState icon={CloudCheck} title={t.outbox.emptyTitle} text={t.outbox.emptyText} />
      )}
      <OutboxGroup
        title={t.outbox.refusedTitle}
        text={t.outbox.refusedText}
        total={refused}
        shown={refusedCards.length}
      >
        {refusedCards}
      </OutboxGroup>
      <OutboxGroup
        title={t.outbox.pendingTitle}
        text={offline ? t.outbox.pendingOfflineText : t.outbox.pendingText}
        total={pending}
        shown={pendingCards.length}
      >
        {pendingCards}
      </OutboxGroup>
      {repairs && <LostChanges total={report.lost} />}
      {tasks.dialog}
    </>
  );
}

function Loading() {
  const { t } = useTranslation();
  return (
    <div role="status" className="grid gap-2">
      <span className="sr-only">{t.app.loading}</span>
      {[0, 1].map((row) => (
        <div key={row} className="h-24 animate-pulse rounded-xl border bg-sunken" />
      ))}
    </div>
  );
}
