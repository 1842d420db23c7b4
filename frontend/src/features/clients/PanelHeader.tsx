import { X } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { Button } from "@/components/Button";
import type { Client } from "@/core/api/types";
import { formatDocument } from "@/core/format/document";
import { formatPhone } from "@/core/format/phone";
import { documentKind } from "@/core/rules/document";
import { useTranslation } from "@/i18n";
import { Badge } from "./Badge";

interface PanelHeaderProps {
  client: Client;
  /** Not editing: the heading takes the focus when this begins. */
  reading: boolean;
  onClose: () => void;
  children: ReactNode;
}

export function PanelHeader({ client, reading, onClose, children }: PanelHeaderProps) {
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (reading) heading.current?.focus();
  }, [reading]);
  const kind = documentKind(client.document ?? "");
  return (
    <header className="border-b px-4 pt-3 pb-4 sm:px-5">
      <div className="-mr-2 flex flex-wrap items-center justify-end gap-1.5">
        {children}
        <CloseButton onClose={onClose} />
      </div>
      <div className="mt-2 flex items-center gap-3.5">
        <Badge client={client} large />
        <div className="min-w-0">
          <h2
            ref={heading}
            tabIndex={-1}
            className="font-semibold text-lg leading-snug outline-none [overflow-wrap:anywhere]"
          >
            {client.name}
          </h2>
          <p className="text-ink-faint tabular-nums [overflow-wrap:anywhere]">
            {kind
              ? `${kind} ${formatDocument(client.document ?? "")}`
              : client.email || formatPhone(client.phone ?? "") || t.client.noContact}
          </p>
        </div>
      </div>
    </header>
  );
}

export function CloseButton({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Button look="ghost" size="icon" aria-label={t.app.close} onClick={onClose}>
      <X aria-hidden />
    </Button>
  );
}
