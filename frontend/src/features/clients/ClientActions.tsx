import { Combine, Ellipsis, type LucideIcon, Pencil, Printer, Trash2 } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { Button } from "@/components/Button";
import { useMay } from "@/components/useAccess";
import type { Client } from "@/core/api/types";
import { useTranslation } from "@/i18n";
import { useDeleteClient } from "./useDeleteClient";

interface ClientActionsProps {
  client: Client;
  onEdit: () => void;
  onDeleted: () => void;
  onMerge: () => void;
  onShow: (id: string) => void;
}

/** What can be done with a client. */
export function ClientActions({ client, onEdit, onDeleted, onMerge, onShow }: ClientActionsProps) {
  const { t } = useTranslation();
  const remove = useDeleteClient(onShow);
  const writes = useMay("write");
  if (!writes) return <PrintButton />;
  return (
    <>
      <Button size="small" onClick={onEdit} aria-keyshortcuts="e">
        <Pencil aria-hidden />
        {t.client.edit}
      </Button>
      <Button
        look="dangerGhost"
        size="small"
        onClick={() => {
          remove(client);
          onDeleted();
        }}
      >
        <Trash2 aria-hidden />
        {t.client.delete}
      </Button>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger asChild>
          <Button look="ghost" size="icon" aria-label={t.client.more}>
            <Ellipsis aria-hidden />
          </Button>
        </DropdownMenu.Trigger>
        {/* No portal: the menu stays within the panel's landmark. */}
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 w-64 animate-pop rounded-lg border bg-raised p-1 shadow-float"
        >
          <Item icon={Combine} label={t.client.merge} onSelect={onMerge} />
          {/* After the menu has gone: the page is printed as it is then. */}
          <Item icon={Printer} label={t.client.print} onSelect={() => setTimeout(print)} />
        </DropdownMenu.Content>
      </DropdownMenu.Root>
    </>
  );
}

/** What is left where nothing may be written. */
function PrintButton() {
  const { t } = useTranslation();
  return (
    <Button size="small" onClick={() => print()}>
      <Printer aria-hidden />
      {t.client.print}
    </Button>
  );
}

interface ItemProps {
  icon: LucideIcon;
  label: string;
  onSelect: () => void;
}

function Item({ icon: Icon, label, onSelect }: ItemProps) {
  return (
    <DropdownMenu.Item
      onSelect={onSelect}
      className="flex items-center gap-2 rounded-md px-2 py-1.5 outline-none data-highlighted:bg-hover pointer-coarse:py-2.5"
    >
      <Icon aria-hidden className="size-4 text-ink-faint" />
      {label}
    </DropdownMenu.Item>
  );
}
