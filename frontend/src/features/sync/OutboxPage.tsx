import { useQuery, useQueryClient } from "@tanstack/react-query";
import { CloudCheck } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { EmptyState } from "@/components/EmptyState";
import { syncQuery } from "@/core/api/sync";
import type { WaitingWrite } from "@/core/api/types";
import { refreshOverlay } from "@/core/live/clientCache";
import { useTranslation } from "@/i18n";
import { WaitingCard } from "./WaitingCard";

/** The writes of this branch that the server has not accepted: those that a person must see first. */
export default function OutboxPage() {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const { data: report } = useQuery(syncQuery);
  useEffect(() => {
    document.title = `${t.outbox.title} · Clientela`;
  }, [t]);
  const refused = report?.writes.filter(({ outcome }) => outcome === "refused") ?? [];
  const pending = report?.writes.filter(({ outcome }) => outcome !== "refused") ?? [];
  const changed = () => {
    refreshOverlay(cache);
    return cache.invalidateQueries({ queryKey: syncQuery.queryKey });
  };
  const cards = (writes: WaitingWrite[]) =>
    writes.map((write) => <WaitingCard key={write.write_id} write={write} onChanged={changed} />);
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto grid max-w-3xl gap-5 px-3 py-4 sm:px-5 sm:py-6">
        <div>
          <h1 className="font-semibold text-lg tracking-tight">{t.outbox.title}</h1>
          <p className="text-ink-faint">{t.outbox.subtitle}</p>
        </div>
        {report && report.writes.length === 0 && (
          <EmptyState icon={CloudCheck} title={t.outbox.emptyTitle} text={t.outbox.emptyText} />
        )}
        <Group
          title={t.outbox.refusedTitle}
          text={t.outbox.refusedText}
          total={report?.outbox.refused ?? 0}
          shown={refused.length}
        >
          {cards(refused)}
        </Group>
        <Group
          title={t.outbox.pendingTitle}
          text={t.outbox.pendingText}
          total={report?.outbox.pending ?? 0}
          shown={pending.length}
        >
          {cards(pending)}
        </Group>
      </div>
    </div>
  );
}

interface GroupProps {
  title: string;
  text: string;
  /** How many there are; the report names the oldest of them only. */
  total: number;
  shown: number;
  children: ReactNode;
}

function Group({ title, text, total, shown, children }: GroupProps) {
  const { t, formats } = useTranslation();
  if (shown === 0) return null;
  return (
    <section className="grid gap-2">
      <h2 className="font-semibold">
        {title} <span className="font-normal text-ink-faint">{formats.number(total)}</span>
      </h2>
      <p className="text-[0.8125rem] text-ink-soft">{text}</p>
      <ul className="mt-1 grid gap-2">{children}</ul>
      {total > shown && (
        <p className="text-center text-ink-faint">{t.outbox.more(formats.number(total - shown))}</p>
      )}
    </section>
  );
}
