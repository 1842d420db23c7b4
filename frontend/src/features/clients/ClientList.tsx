import type { UseQueryResult } from "@tanstack/react-query";
import { CloudCheck, SearchX, TriangleAlert, UserPlus } from "lucide-react";
import { Link } from "wouter";
import { Button, buttonStyle } from "@/components/Button";
import { EmptyState } from "@/components/EmptyState";
import { useMay } from "@/components/useAccess";
import type { ClientPage } from "@/core/api/clients";
import { type ClientsView, searchOf } from "@/core/clientsView";
import { useTranslation } from "@/i18n";
import { problemMessage } from "@/i18n/errors";
import { ClientGrid } from "./ClientGrid";
import { SkeletonRow } from "./ClientRow";

interface ClientListProps {
  view: ClientsView;
  first: UseQueryResult<ClientPage>;
  /** Of the clients that are shown; undefined until it has been counted. */
  total: number | undefined;
  selected: string | null;
  onView: (view: ClientsView) => void;
  onOpen: (id: string) => void;
  onCreate: () => void;
}

/** The clients of a view, or what stands in their place. */
export function ClientList(props: ClientListProps) {
  const { view, first, total, onCreate } = props;
  const { t } = useTranslation();
  const writes = useMay("write");
  if (first.isPending) return <Skeleton />;
  if (!first.data) {
    return (
      <EmptyState
        icon={TriangleAlert}
        title={t.clients.loadFailed}
        text={problemMessage(first.error, t)}
      >
        <Button onClick={() => first.refetch()}>{t.app.retry}</Button>
      </EmptyState>
    );
  }
  if (total) return <ClientGrid key={searchOf(view)} {...props} />;
  if (view.q) {
    return (
      <EmptyState icon={SearchX} title={t.clients.noneTitle} text={t.clients.noneText(view.q)} />
    );
  }
  if (view.sync) return <EmptyState icon={CloudCheck} title={t.clients.noneWaiting[view.sync]} />;
  if (!writes) return <EmptyState icon={UserPlus} title={t.clients.emptyTitle} />;
  return (
    <EmptyState icon={UserPlus} title={t.clients.emptyTitle} text={t.clients.emptyText}>
      <div className="flex flex-wrap justify-center gap-2">
        <Button look="primary" onClick={onCreate}>
          {t.clients.create}
        </Button>
        <Link href="/import" className={buttonStyle()}>
          {t.import.title}
        </Link>
      </div>
    </EmptyState>
  );
}

function Skeleton() {
  const { t } = useTranslation();
  return (
    <div
      role="status"
      aria-label={t.app.loading}
      className="min-h-0 flex-1 overflow-hidden bg-surface"
    >
      {Array.from({ length: 12 }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: these rows are all alike
        <SkeletonRow key={i} />
      ))}
    </div>
  );
}
