import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { readClient } from "@/core/api/clients";
import type { WaitingWrite } from "@/core/api/types";
import { keys } from "@/core/live/clientCache";
import { useTranslation } from "@/i18n";

interface WriteTitleProps {
  write: WaitingWrite;
  onLeave?: () => void;
}

/** What a write does, and to whom. */
export function WriteTitle({ write, onLeave }: WriteTitleProps) {
  const { t } = useTranslation();
  return (
    <p className="min-w-0 [overflow-wrap:anywhere]">
      <span className="text-ink-soft">{t.outbox.operations[write.operation]}</span>{" "}
      <ClientName write={write} onLeave={onLeave} />
    </p>
  );
}

/** The name it has in the write, or that the branch knows for the client. */
function ClientName({ write, onLeave }: WriteTitleProps) {
  const { t } = useTranslation();
  const { data } = useQuery({
    queryKey: keys.client(write.client_id),
    queryFn: ({ signal }) => readClient(write.client_id, signal),
  });
  const known = data?.state === "here" ? data.client.name : (write.was.name ?? t.outbox.unnamed);
  const name = <span className="font-semibold">{write.set.name ?? known}</span>;
  if (data?.state !== "here") return name;
  return (
    <Link
      href={`/clients/${write.client_id}`}
      onClick={onLeave}
      className="underline decoration-current/30"
    >
      {name}
    </Link>
  );
}
