import { type UseQueryResult, useQuery, useQueryClient } from "@tanstack/react-query";
import { Ghost, TriangleAlert, Undo2, UserX } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/Button";
import { EmptyState } from "@/components/EmptyState";
import { useShortcut } from "@/components/hooks";
import { usePrefetch } from "@/components/lazily";
import { Notice } from "@/components/Notice";
import { toast } from "@/components/Toaster";
import { useMay } from "@/components/useAccess";
import type { LeaveGuard } from "@/components/useLeaveGuard";
import { type ClientLookup, readClient } from "@/core/api/clients";
import type { Client } from "@/core/api/types";
import { deletions } from "@/core/deletions";
import { drafts } from "@/core/drafts";
import { keys, refreshAfterWrite } from "@/core/live/clientCache";
import { useTranslation } from "@/i18n";
import { problemMessage } from "@/i18n/errors";
import { ClientActions } from "./ClientActions";
import { ClientDetails } from "./ClientDetails";
import { FormSkeleton } from "./FormSkeleton";
import { CloseButton, PanelHeader } from "./PanelHeader";
import { PrintSheet } from "./PrintSheet";
import { ClientHistory, EditClient, MergeDialog } from "./parts";
import { useDeleting } from "./useDeleteClient";

export interface PanelProps {
  id: string;
  guard: LeaveGuard;
  onClose: () => void;
  onDeleted: () => void;
  onShow: (id: string) => void;
}

export function Panel(props: PanelProps) {
  const { id, onClose, onShow } = props;
  const lookup = useQuery({
    queryKey: keys.client(id),
    queryFn: ({ signal }) => readClient(id, signal),
  });
  /** The last that was known of it: an editor keeps its form when the client vanishes. */
  const [editing, setEditing] = useState<Client | null>(() => drafts.get(id)?.loaded ?? null);
  const deleting = useDeleting().has(id);
  const here = lookup.data?.state === "here" && !deleting ? lookup.data.client : null;
  const writes = useMay("write");
  useShortcut("e", () => writes && here && !editing && setEditing(here));
  /** Its dialog tells what was done to both records, even when this one is gone by that. */
  const [merging, setMerging] = useState<Client | null>(null);
  usePrefetch([EditClient, MergeDialog]);
  const shown = here ?? editing;
  const onMerged = (kept: string) => {
    setMerging(null);
    setEditing(drafts.get(kept)?.loaded ?? null);
    onShow(kept);
  };
  return (
    <>
      {shown ? (
        <Known
          {...props}
          client={shown}
          gone={lookup.data?.state === "deleted"}
          editing={editing}
          onEdit={setEditing}
          onMerge={setMerging}
        />
      ) : (
        <Absent id={id} lookup={lookup} deleting={deleting} onClose={onClose} />
      )}
      {merging && (
        <MergeDialog opened={merging} onClose={() => setMerging(null)} onShow={onMerged} />
      )}
    </>
  );
}

interface AbsentProps {
  id: string;
  lookup: UseQueryResult<ClientLookup>;
  deleting: boolean;
  onClose: () => void;
}

/** What stands in the panel of a client that is not there: yet, any more, or at all. */
function Absent({ id, lookup, deleting, onClose }: AbsentProps) {
  const { t } = useTranslation();
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
          <Button busy={lookup.isFetching} onClick={() => lookup.refetch()}>
            {t.app.retry}
          </Button>
        </EmptyState>
      )}
      {deleting && <Deleting id={id} />}
      {lookup.data?.state === "deleted" && !deleting && (
        <div className="min-h-0 flex-1 overflow-y-auto">
          <EmptyState icon={UserX} title={t.client.gone} />
          <ClientHistory id={id} />
        </div>
      )}
      {lookup.data?.state === "unknown" && <EmptyState icon={Ghost} title={t.client.unknown} />}
    </>
  );
}

interface KnownProps extends PanelProps {
  client: Client;
  gone: boolean;
  editing: Client | null;
  onEdit: (client: Client | null) => void;
  onMerge: (client: Client) => void;
}

function Known(props: KnownProps) {
  const { client, gone, guard, editing, onEdit, onMerge, onClose, onDeleted, onShow } = props;
  const { t } = useTranslation();
  const cache = useQueryClient();
  const saved = {
    accepted: t.client.saved,
    pending: t.client.savedPending,
    unchanged: t.client.nothingChanged,
  };
  return (
    <>
      <PanelHeader client={client} reading={!editing} onClose={onClose}>
        {!editing && (
          <ClientActions
            client={client}
            onEdit={() => onEdit(client)}
            onDeleted={onDeleted}
            onMerge={() => onMerge(client)}
            onShow={onShow}
          />
        )}
      </PanelHeader>
      {editing ? (
        <EditClient
          waiting={<FormSkeleton />}
          loaded={editing}
          current={gone ? null : client}
          guard={guard}
          onCancel={() => guard.leave(() => onEdit(null))}
          onShow={(id) => guard.leave(() => onShow(id))}
          onSaved={async (outcome) => {
            if (outcome !== "unchanged") {
              await refreshAfterWrite(cache, client.id, outcome === "pending");
            }
            guard.mark(false);
            onEdit(null);
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
      <PrintSheet client={client} />
    </>
  );
}

/** Opened again while its deletion can be undone, or is on its way. */
function Deleting({ id }: { id: string }) {
  const { t } = useTranslation();
  return (
    <EmptyState icon={UserX} title={t.client.deleting}>
      {deletions.canUndo(id) && (
        <Button onClick={() => deletions.undo(id)}>
          <Undo2 aria-hidden />
          {t.client.undo}
        </Button>
      )}
    </EmptyState>
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
