import { Compass } from "lucide-react";
import { lazy, Suspense } from "react";
import { Link, Route, Switch } from "wouter";
import { buttonStyle } from "@/components/Button";
import { EmptyState } from "@/components/EmptyState";
import { ClientsPage } from "@/features/clients/ClientsPage";
import { useTranslation } from "@/i18n";

const LatencyPage = lazy(() => import("@/features/latency/LatencyPage"));
const OverviewPage = lazy(() => import("@/features/overview/OverviewPage"));
const ImportPage = lazy(() => import("@/features/transfer/ImportPage"));
const OutboxPage = lazy(() => import("@/features/sync/OutboxPage"));

export function Routes() {
  return (
    <Switch>
      <Route path="/latency">
        <Suspense>
          <LatencyPage />
        </Suspense>
      </Route>
      <Route path="/overview">
        <Suspense>
          <OverviewPage />
        </Suspense>
      </Route>
      <Route path="/outbox">
        <Suspense>
          <OutboxPage />
        </Suspense>
      </Route>
      <Route path="/import">
        <Suspense>
          <ImportPage />
        </Suspense>
      </Route>
      <Route path={/^\/(?:clients\/(?<id>[^/]+)\/?)?$/}>
        {(params: { id?: string }) => (
          <ClientsPage id={params.id ? decodeURIComponent(params.id) : null} />
        )}
      </Route>
      <Route>
        <NotFound />
      </Route>
    </Switch>
  );
}

function NotFound() {
  const { t } = useTranslation();
  return (
    <EmptyState page icon={Compass} title={t.app.notFound}>
      <Link href="/" className={buttonStyle()}>
        {t.app.backToClients}
      </Link>
    </EmptyState>
  );
}
