import { useQuery } from "@tanstack/react-query";
import { ChevronRight, SearchX } from "lucide-react";
import { useState } from "react";
import { EmptyState } from "@/components/EmptyState";
import { Input } from "@/components/Field";
import { useDebounced } from "@/components/hooks";
import { Notice } from "@/components/Notice";
import { readPage } from "@/core/api/clients";
import type { Client } from "@/core/api/types";
import { EVERYONE } from "@/core/clientsView";
import { formatField } from "@/core/format/field";
import { useTranslation } from "@/i18n";
import { problemMessage } from "@/i18n/errors";
import { Address } from "./Address";
import { Badge } from "./Badge";
import { useDeleting } from "./useDeleteClient";

const SETTLED_MS = 180;
const SHOWN_MAX = 20;

interface ChooseOtherProps {
  opened: Client;
  onChoose: (other: Client) => void;
}

/** Finds the other record; it begins with those that have the same first name. */
export function ChooseOther({ opened, onChoose }: ChooseOtherProps) {
  const { t } = useTranslation();
  const [text, setText] = useState(() => opened.name.split(/\s+/)[0] ?? "");
  const q = useDebounced(text.trim(), SETTLED_MS);
  const deleting = useDeleting();
  const { data, error } = useQuery({
    queryKey: ["others", q],
    queryFn: ({ signal }) => readPage({ ...EVERYONE, q }, 0, signal),
    staleTime: 0,
    placeholderData: (before) => before,
  });
  const found = data?.clients.filter(({ id }) => id !== opened.id && !deleting.has(id));
  return (
    <div className="flex min-h-0 flex-col gap-2 px-5 py-4">
      <Input
        type="search"
        className="shrink-0"
        aria-label={t.merge.search}
        placeholder={t.clients.searchHint}
        autoComplete="off"
        spellCheck={false}
        maxLength={200}
        value={text}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setText(event.target.value)}
      />
      {error && <Notice tone="warn">{problemMessage(error, t)}</Notice>}
      <ul aria-label={t.merge.found} className="-mx-2 min-h-64 overflow-y-auto">
        {found?.slice(0, SHOWN_MAX).map((client) => (
          <li key={client.id}>
            <Choice client={client} onChoose={() => onChoose(client)} />
          </li>
        ))}
        {found?.length === 0 && (
          <li>
            <EmptyState icon={SearchX} title={t.clients.noneTitle} />
          </li>
        )}
      </ul>
    </div>
  );
}

function Choice({ client, onChoose }: { client: Client; onChoose: () => void }) {
  const { t } = useTranslation();
  const { document, phone, email } = client;
  return (
    <button
      type="button"
      onClick={onChoose}
      className="flex w-full items-center gap-3 rounded-lg px-2 py-2 text-left hover:bg-hover focus-visible:-outline-offset-2"
    >
      <Badge client={client} />
      <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">
        <span className="block font-medium">{client.name}</span>
        <span className="flex flex-wrap gap-x-3 text-[0.8125rem] text-ink-faint tabular-nums">
          {document && <span>{formatField("document", document)}</span>}
          {phone && <span>{formatField("phone", phone)}</span>}
          {email && (
            <span className="min-w-0">
              <Address email={email} />
            </span>
          )}
          {!(document || phone || email) && t.client.noContact}
        </span>
      </span>
      <ChevronRight aria-hidden className="size-4 shrink-0 text-ink-faint" />
    </button>
  );
}
