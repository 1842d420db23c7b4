import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { readClient, readHistory } from "@/core/api/clients";
import type { WaitingWrite } from "@/core/api/types";
import { lastKnown } from "@/core/history";
import { keys } from "@/core/live/clientCache";
import { useTranslation } from "@/i18n";

interface WriteTitleProps {
  write: WaitingWrite;
  /** Goes to the client; a link does without. */
  onShow?: (id: string) => void;
}

/** What a write does, and to whom. */
export function WriteTitle({ write, onShow }: WriteTitleProps) {
  const { t } = useTranslation();
  return (
    <p className="min-w-0 [overflow-wrap:anywhere]">
      <span className="text-ink-soft">{t.outbox.operations[write.operation]}</span>{" "}
      <ClientName write={write} onShow={onShow} />
    </p>
  );
}

/** The name it has in the write, or that the branch knows, or knew before it was deleted. */
function ClientName({ write, onShow }: WriteTitleProps) {
  const { t } = useTranslation();
  const { client_id, set, was } = write;
  const { data } = useQuery({
    queryKey: keys.client(client_id),
    queryFn: ({ signal }) => readClient(client_id, signal),
  });
  const history = useQuery({
    queryKey: keys.history(client_id),
    queryFn: ({ signal }) => readHistory(client_id, signal),
    enabled: data?.state === "deleted" && !set.name && !was.name,
  });
  const last = data?.state === "here" ? data.client : lastKnown(history.data?.changes);
  const name = (
    <span className="font-semibold">{set.name ?? last?.name ?? was.name ?? t.outbox.unnamed}</span>
  );
  if (data?.state !== "here") return name;
  return (
    <Link
      href={`/clients/${client_id}`}
      onClick={(event) => {
        if (!onShow) return;
        event.preventDefault();
        onShow(client_id);
      }}
      className="underline decoration-current/30"
    >
      {name}
    </Link>
  );
}
