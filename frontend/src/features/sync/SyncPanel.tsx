import { useQuery } from "@tanstack/react-query";
import { ArrowRight } from "lucide-react";
import { Link, useLocation } from "wouter";
import { syncQuery } from "@/core/api/sync";
import { useTranslation } from "@/i18n";
import { Particulars } from "./Particulars";
import { Proof } from "./Proof";
import type { SyncView } from "./useSyncState";
import { useWriteTasks } from "./useWriteTasks";
import { WriteActions } from "./WriteActions";
import { WriteFacts } from "./WriteFacts";
import { WriteTitle } from "./WriteTitle";

const REFRESH_MS = 5_000; // while somebody looks: how long ago things were is not pushed
const WRITES_MAX = 10; // more are for the page

interface SyncPanelProps {
  view: SyncView;
  /** Somebody goes to a page from here. */
  onLeave: () => void;
}

/** The proof of being in step, and every write that is not at the server yet. */
export default function SyncPanel({ view, onLeave }: SyncPanelProps) {
  useQuery({ ...syncQuery, refetchInterval: REFRESH_MS, refetchOnMount: "always" });
  const { report, state } = view;
  if (!report) return null;
  return (
    <div className="grid gap-3 p-5 sm:p-4">
      <Proof
        digest={report.digest}
        current={state !== "unreachable" && report.state !== "offline"}
      />
      <Particulars view={view} known={state !== "unreachable"} />
      <Writes view={view} onLeave={onLeave} />
    </div>
  );
}

function Writes({ view: { report, toldAt }, onLeave }: SyncPanelProps) {
  const { t, formats } = useTranslation();
  const tasks = useWriteTasks();
  const [, navigate] = useLocation();
  const show = (id: string) => {
    onLeave();
    navigate(`/clients/${id}`);
  };
  if (!report) return null;
  const shown = report.writes.slice(0, WRITES_MAX);
  const total = report.outbox.pending + report.outbox.refused;
  const more = total - shown.length;
  return (
    <section className="border-t pt-3">
      <h2 className="font-semibold">{t.sync.writes}</h2>
      {total === 0 && <p className="text-ink-soft">{t.outbox.emptyText}</p>}
      <ul className="divide-y">
        {shown.map((write) => (
          <li key={write.write_id} className="grid gap-1.5 py-2.5">
            <WriteTitle write={write} onShow={show} />
            <WriteFacts write={write} toldAt={toldAt} />
            <WriteActions write={write} onTask={tasks.begin} />
          </li>
        ))}
      </ul>
      {more > 0 && <p className="py-1 text-ink-faint">{t.outbox.more(formats.number(more))}</p>}
      {report.lost > 0 && (
        <p className="py-2 text-bad">
          {t.sync.lost(formats.number(report.lost), report.lost === 1)}
        </p>
      )}
      <Link
        href="/outbox"
        onClick={onLeave}
        className="mt-1 inline-flex items-center gap-1 rounded font-medium text-accent-ink underline underline-offset-2"
      >
        {t.sync.seeAll}
        <ArrowRight aria-hidden className="size-4" />
      </Link>
      {tasks.dialog}
    </section>
  );
}
