import { Compass } from "lucide-react";
import { Link, Route, Switch } from "wouter";
import { buttonStyle } from "@/components/Button";
import { EmptyState } from "@/components/EmptyState";
import { lazily } from "@/components/lazily";
import { ClientsPage } from "@/features/clients/ClientsPage";
import { Only } from "@/features/session/Only";
import { useTranslation } from "@/i18n";

const LatencyPage = lazily(async () => (await import("@/features/latency/LatencyPage")).default);
const OverviewPage = lazily(async () => (await import("@/features/overview/OverviewPage")).default);
const ImportPage = lazily(async () => (await import("@/features/transfer/ImportPage")).default);
const OutboxPage = lazily(async () => (await import("@/features/sync/OutboxPage")).default);

export function Routes() {
  return (
    <Switch>
      <Route path="/latency">
        <Only who="watch">
          <LatencyPage />
        </Only>
      </Route>
      <Route path="/overview">
        <Only who="watch">
          <OverviewPage />
        </Only>
      </Route>
      <Route path="/outbox">
        <OutboxPage />
      </Route>
      <Route path="/import">
        <Only who="write">
          <ImportPage />
        </Only>
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
