import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Ghost, Pencil, TriangleAlert, UserX, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/Button";
import { EmptyState } from "@/components/EmptyState";
import { useShortcut } from "@/components/hooks";
import { Notice } from "@/components/Notice";
import { toast } from "@/components/Toaster";
import { readClient } from "@/core/api/clients";
import type { Client } from "@/core/api/types";
import { formatDocument } from "@/core/format/document";
import { keys, refreshAfterWrite } from "@/core/live/clientCache";
import { documentKind } from "@/core/rules/document";
import { useTranslation } from "@/i18n";
import { problemMessage } from "@/i18n/errors";
import { Badge } from "./Badge";
import { ClientDetails } from "./ClientDetails";
import { ClientHistory } from "./ClientHistory";
import { DeleteClient } from "./DeleteClient";
import { EditClient } from "./EditClient";
import type { LeaveGuard } from "./useLeaveGuard";

interface ClientPanelProps {
  id: string;
  guard: LeaveGuard;
  onClose: () => void;
  onDeleted: () => void;
  onShow: (id: string) => void;
}

/** One client: what is known of it, its history, and the ways to change it. */
export function ClientPanel(props: ClientPanelProps) {
  const { id, onClose } = props;
  const { t } = useTranslation();
  const lookup = useQuery({
    queryKey: keys.client(id),
    queryFn: ({ signal }) => readClient(id, signal),
  });
  /** The last that was known of it: an editor keeps its form when the client vanishes. */
  const [editing, setEditing] = useState<Client | null>(null);
  const here = lookup.data?.state === "here" ? lookup.data.client : null;
  useShortcut("e", () => here && !editing && setEditing(here));
  if (here || editing) {
    return (
      <Known
        {...props}
        client={here ?? (editing as Client)}
        gone={lookup.data?.state === "deleted"}
        editing={editing}
        onEdit={setEditing}
      />
    );
  }
  return (
    <>
      <div className="flex justify-end p-3">
        <CloseButton onClose={onClose} />
      </div>
      {lookup.isPending && <Loading />}
      {lookup.isError && (
        <EmptyState
          icon={TriangleAlert}
          title={t.client.readFailed}
          text={problemMessage(lookup.error, t)}
        >
          <Button onClick={() => lookup.refetch()}>{t.app.retry}</Button>
        </EmptyState>
      )}
      {lookup.data?.state === "deleted" && (
        <div className="min-h-0 flex-1 overflow-y-auto">
          <EmptyState icon={UserX} title={t.client.gone} />
          <ClientHistory id={id} />
        </div>
      )}
      {lookup.data?.state === "unknown" && <EmptyState icon={Ghost} title={t.client.unknown} />}
    </>
  );
}

interface KnownProps extends ClientPanelProps {
  client: Client;
  gone: boolean;
  editing: Client | null;
  onEdit: (client: Client | null) => void;
}

function Known({ client, gone, guard, editing, onEdit, onClose, onDeleted, onShow }: KnownProps) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const saved = {
    accepted: t.client.saved,
    pending: t.client.savedPending,
    unchanged: t.client.nothingChanged,
  };
  const stop = () => {
    guard.mark(false);
    onEdit(null);
  };
  return (
    <>
      <PanelHeader client={client} reading={!editing} onClose={onClose}>
        {!editing && (
          <Button size="small" onClick={() => onEdit(client)} aria-keyshortcuts="e">
            <Pencil aria-hidden />
            {t.client.edit}
          </Button>
        )}
        {!editing && <DeleteClient client={client} onDeleted={onDeleted} />}
      </PanelHeader>
      {editing ? (
        <EditClient
          loaded={editing}
          current={gone ? null : client}
          guard={guard}
          onCancel={() => guard.leave(stop)}
          onShow={(id) => guard.leave(() => onShow(id))}
          onSaved={async (outcome) => {
            if (outcome !== "unchanged") {
              await refreshAfterWrite(cache, client.id, outcome === "pending");
            }
            stop();
            toast(saved[outcome]);
          }}
        />
      ) : (
        <div className="min-h-0 flex-1 overflow-y-auto">
          {client.pending && (
            <Notice tone="warn" className="mx-4 mt-4 sm:mx-5">
              {t.client.pendingText}
            </Notice>
          )}
          <ClientDetails client={client} />
          <ClientHistory id={client.id} />
        </div>
      )}
    </>
  );
}

interface PanelHeaderProps {
  client: Client;
  /** Not editing: the heading takes the focus when this begins. */
  reading: boolean;
  onClose: () => void;
  children: React.ReactNode;
}

function PanelHeader({ client, reading, onClose, children }: PanelHeaderProps) {
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (reading) heading.current?.focus();
  }, [reading]);
  const kind = documentKind(client.document ?? "");
  return (
    <header className="border-b px-4 pt-3 pb-4 sm:px-5">
      <div className="-mr-2 flex items-center justify-end gap-1.5">
        {children}
        <CloseButton onClose={onClose} />
      </div>
      <div className="mt-2 flex items-center gap-3.5">
        <Badge client={client} large />
        <div className="min-w-0">
          <h2
            ref={heading}
            tabIndex={-1}
            className="break-words font-semibold text-lg leading-snug outline-none"
          >
            {client.name}
          </h2>
          <p className="text-ink-faint tabular-nums">
            {kind
              ? `${kind} ${formatDocument(client.document ?? "")}`
              : (client.email ?? t.client.noContact)}
          </p>
        </div>
      </div>
    </header>
  );
}

function CloseButton({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Button look="ghost" size="icon" aria-label={t.app.close} onClick={onClose}>
      <X aria-hidden />
    </Button>
  );
}

function Loading() {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t.app.loading} className="grid gap-4 px-5">
      <span className="h-11 w-2/3 rounded-lg bg-sunken" />
      <span className="h-24 rounded-lg bg-sunken" />
    </div>
  );
}
