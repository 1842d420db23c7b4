import { Check } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { cn } from "@/components/cn";
import type { ClientsView } from "@/core/clientsView";
import { useTranslation } from "@/i18n";
import { ViewButton, type ViewMenuProps } from "./ViewMenu";

const item =
  "flex items-center gap-2 rounded-md px-2 py-1.5 outline-none data-highlighted:bg-hover pointer-coarse:py-2.5";

interface ViewChoicesProps extends ViewMenuProps {
  open: boolean;
  onOpen: (open: boolean) => void;
}

/** Order and filter of the list, to choose from. */
export default function ViewChoices({ view, onView, open, onOpen }: ViewChoicesProps) {
  const { t } = useTranslation();
  const orders: [ClientsView["sort"], ClientsView["order"], string][] = [
    ["id", "desc", t.clients.newestFirst],
    ["id", "asc", t.clients.oldestFirst],
    ["name", "asc", t.clients.nameUp],
    ["name", "desc", t.clients.nameDown],
  ];
  const states: [ClientsView["sync"], string][] = [
    [null, t.clients.everyone],
    ["pending", t.clients.onlyPending],
    ["refused", t.clients.onlyRefused],
  ];
  return (
    <DropdownMenu.Root modal={false} open={open} onOpenChange={onOpen}>
      {/* No portal: the menu stays within its landmark. */}
      <DropdownMenu.Trigger asChild>
        <ViewButton filtered={view.sync !== null} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Content
        align="end"
        sideOffset={6}
        collisionPadding={8}
        className="z-30 w-64 animate-pop rounded-lg border bg-raised p-1 shadow-float"
      >
        <Group label={t.clients.order} value={`${view.sort} ${view.order}`}>
          {orders.map(([sort, order, label]) => (
            <Item
              key={label}
              value={`${sort} ${order}`}
              label={label}
              onSelect={() => onView({ ...view, sort, order })}
            />
          ))}
        </Group>
        <DropdownMenu.Separator className="-mx-1 my-1 border-t" />
        <Group label={t.clients.show} value={String(view.sync)}>
          {states.map(([sync, label]) => (
            <Item
              key={label}
              value={String(sync)}
              label={label}
              onSelect={() => onView({ ...view, sync })}
            />
          ))}
        </Group>
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  );
}

function Group({
  label,
  value,
  children,
}: {
  label: string;
  value: string;
  children: React.ReactNode;
}) {
  return (
    <DropdownMenu.RadioGroup aria-label={label} value={value}>
      <DropdownMenu.Label className="px-2 pt-1.5 pb-1 text-ink-faint text-xs">
        {label}
      </DropdownMenu.Label>
      {children}
    </DropdownMenu.RadioGroup>
  );
}

interface ItemProps {
  value: string;
  label: string;
  onSelect: () => void;
}

function Item({ value, label, onSelect }: ItemProps) {
  return (
    <DropdownMenu.RadioItem value={value} onSelect={onSelect} className={cn(item)}>
      <span className="flex-1">{label}</span>
      <DropdownMenu.ItemIndicator>
        <Check aria-hidden className="size-4 text-accent-ink" />
      </DropdownMenu.ItemIndicator>
    </DropdownMenu.RadioItem>
  );
}
