import { useQueryClient } from "@tanstack/react-query";
import { Plus, Upload } from "lucide-react";
import { useEffect, useState } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { Button, buttonStyle } from "@/components/Button";
import { Sheet } from "@/components/Dialog";
import { ExportButton } from "@/components/ExportButton";
import { useMedia, useShortcut } from "@/components/hooks";
import { Kbd } from "@/components/Kbd";
import { useMay } from "@/components/useAccess";
import { useLeaveGuard } from "@/components/useLeaveGuard";
import { type ClientsView, searchOf, viewOf } from "@/core/clientsView";
import { shownTotal } from "@/core/live/clientCache";
import { useTranslation } from "@/i18n";
import { ClientCount } from "./ClientCount";
import { ClientList } from "./ClientList";
import { ClientPanel } from "./ClientPanel";
import { focusList } from "./focusList";
import { NewClientDialog } from "./NewClientDialog";
import { SearchBox } from "./SearchBox";
import { useClients } from "./useClients";
import { useDeleting } from "./useDeleteClient";
import { ViewMenu } from "./ViewMenu";

const WIDE = "(min-width: 1024px)"; // from here on list and client stand side by side

export function ClientsPage({ id }: { id: string | null }) {
  const { t } = useTranslation();
  const search = useSearch();
  const [, navigate] = useLocation();
  const view = viewOf(search);
  const { shown, first, isChanging } = useClients(view);
  const total = shownTotal(useQueryClient(), shown, useDeleting());
  const guard = useLeaveGuard();
  const [creating, setCreating] = useState(false);
  const writes = useMay("write");
  const create = () => setCreating(writes);
  useShortcut("n", create);

  const show = (client: string | null, replace = false) =>
    navigate(address(client, view), { replace });
  const close = () =>
    guard.leave(() => {
      show(null);
      requestAnimationFrame(focusList);
    });
  const look = (next: ClientsView) => navigate(address(id, next), { replace: true });

  return (
    <div className="flex h-full min-h-0">
      <PageTitle title={t.clients.title} />
      <section aria-labelledby="clients-title" className="flex min-w-0 flex-1 flex-col">
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2.5 border-b bg-surface px-3 py-3 sm:px-5">
          <div className="flex min-w-0 flex-1 items-baseline gap-2.5 lg:flex-none">
            <h1 id="clients-title" className="font-semibold text-lg tracking-tight">
              {t.clients.title}
            </h1>
            <ClientCount view={shown} total={total} />
          </div>
          {writes && <CreateButton onClick={create} />}
          <div className="flex w-full min-w-0 gap-2 lg:mx-auto lg:w-auto lg:max-w-xl lg:flex-1">
            <SearchBox q={view.q} busy={isChanging} onSearch={(q) => look({ ...view, q })} />
            <ViewMenu view={view} onView={look} />
            <div className="flex gap-2 max-sm:hidden">
              <ExportButton query={searchOf(view)} />
              {writes && <ImportLink />}
            </div>
          </div>
        </div>
        <ClientList
          view={shown}
          first={first}
          total={total}
          selected={id}
          onView={look}
          onOpen={(client) => guard.leave(() => show(client))}
          onCreate={create}
        />
      </section>
      {id && (
        <PanelFrame label={t.client.panel} onClose={close}>
          <ClientPanel
            key={id}
            id={id}
            guard={guard}
            onClose={close}
            onDeleted={() => {
              show(null, true);
              requestAnimationFrame(focusList);
            }}
            onShow={(client) => show(client)}
          />
        </PanelFrame>
      )}
      <NewClientDialog
        open={creating}
        onClose={() => setCreating(false)}
        onShow={(client) => {
          setCreating(false);
          guard.leave(() => show(client));
        }}
      />
      {guard.question}
    </div>
  );
}

function CreateButton({ onClick }: { onClick: () => void }) {
  const { t } = useTranslation();
  return (
    <Button
      look="primary"
      onClick={onClick}
      data-testid="new-client"
      aria-keyshortcuts="n"
      className="lg:order-last"
    >
      <Plus aria-hidden />
      {t.clients.create}
      <Kbd
        hidden
        className="-mr-1 hidden border-transparent bg-on-accent/15 text-on-accent lg:inline-grid"
      >
        n
      </Kbd>
    </Button>
  );
}

function ImportLink() {
  const { t } = useTranslation();
  return (
    <Link
      href="/import"
      aria-label={t.import.link}
      title={t.import.link}
      className={buttonStyle({ className: "h-9 px-2.5 pointer-coarse:h-11" })}
    >
      <Upload aria-hidden />
    </Link>
  );
}

function address(client: string | null, view: ClientsView): string {
  return (client ? `/clients/${encodeURIComponent(client)}` : "/") + searchOf(view);
}

interface PanelFrameProps {
  label: string;
  onClose: () => void;
  children: React.ReactNode;
}

/** Beside the list where there is room, over it where there is not. */
function PanelFrame({ label, onClose, children }: PanelFrameProps) {
  const wide = useMedia(WIDE);
  useShortcut("Escape", () => wide && onClose());
  if (!wide) {
    return (
      <Sheet label={label} onClose={onClose}>
        {children}
      </Sheet>
    );
  }
  return (
    <aside
      aria-label={label}
      className="flex w-[26rem] shrink-0 animate-slide flex-col border-l bg-surface xl:w-[29rem]"
    >
      {children}
    </aside>
  );
}

function PageTitle({ title }: { title: string }) {
  useEffect(() => {
    document.title = `${title} · Clientela`;
  }, [title]);
  return null;
}
