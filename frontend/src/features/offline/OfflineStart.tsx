import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useLocation } from "wouter";
import { Notice } from "@/components/Notice";
import { NoAnswer } from "@/core/api/http";
import { syncQuery } from "@/core/api/sync";
import { formatField } from "@/core/format/field";
import * as lastSeen from "@/core/lastSeen";
import { useTranslation } from "@/i18n";

/** Where the pages open without their facade, the list is shown as it was seen last, until it answers. */
export function OfflineStart({ children }: { children: ReactNode }) {
  const { data, error } = useQuery(syncQuery);
  const [path] = useLocation();
  const unreachable = data === undefined && error instanceof NoAnswer;
  const { data: seen } = useQuery({
    queryKey: ["last-seen"],
    queryFn: lastSeen.load,
    enabled: unreachable,
  });
  const ofClients = path === "/" || path.startsWith("/clients/");
  return unreachable && seen && ofClients ? <SeenList seen={seen} /> : children;
}

function SeenList({ seen: { at, clients } }: { seen: lastSeen.LastSeen }) {
  const { t, formats } = useTranslation();
  const time = new Date(at);
  const today = time.toDateString() === new Date().toDateString();
  const title = today
    ? t.lastSeen.title(formats.timeShort(time))
    : t.lastSeen.titleDay(formats.full(time));
  return (
    <div className="h-full overflow-y-auto bg-surface" data-testid="last-seen">
      <Notice tone="warn" title={title} className="rounded-none px-3 sm:px-5">
        {t.lastSeen.text}
      </Notice>
      <h1 className="border-b px-3 py-3 font-semibold text-lg tracking-tight sm:px-5">
        {t.clients.title}
      </h1>
      <ul aria-label={t.lastSeen.list} className="divide-y">
        {clients.map((client) => (
          <SeenItem key={client.id} client={client} />
        ))}
      </ul>
    </div>
  );
}

function SeenItem({ client }: { client: lastSeen.SeenClient }) {
  const facts = (["document", "phone", "email"] as const)
    .map((field) => formatField(field, client[field]))
    .filter(Boolean);
  return (
    <li className="grid gap-x-6 px-3 py-2.5 [overflow-wrap:anywhere] sm:grid-cols-[minmax(0,2fr)_minmax(0,3fr)] sm:px-5">
      <p className="font-medium">{client.name}</p>
      <p className="text-ink-soft tabular-nums">{facts.join(" · ")}</p>
    </li>
  );
}
