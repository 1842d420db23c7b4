import { ListFilter } from "lucide-react";
import type { ComponentProps } from "react";
import { Button } from "@/components/Button";
import { lazily, useLazyMenu } from "@/components/lazily";
import type { ClientsView } from "@/core/clientsView";
import { useTranslation } from "@/i18n";

const ViewChoices = lazily(async () => (await import("./ViewChoices")).default);

export interface ViewMenuProps {
  view: ClientsView;
  onView: (view: ClientsView) => void;
}

/** Order and filter of the list. What makes menus is fetched once the page has been painted. */
export function ViewMenu(props: ViewMenuProps) {
  const { open, setOpen, standIn } = useLazyMenu(ViewChoices);
  const button = <ViewButton filtered={props.view.sync !== null} {...standIn} />;
  return <ViewChoices {...props} open={open} onOpen={setOpen} waiting={button} failed={button} />;
}

type ViewButtonProps = ComponentProps<typeof Button> & {
  /** Not all clients are shown. */
  filtered: boolean;
};

export function ViewButton({ filtered, ...rest }: ViewButtonProps) {
  const { t } = useTranslation();
  return (
    <Button
      aria-label={t.clients.view}
      data-testid="view-menu"
      className="h-9 max-lg:px-2.5 pointer-coarse:h-11"
      {...rest}
    >
      <ListFilter aria-hidden />
      <span aria-hidden className="max-lg:hidden">
        {t.clients.view}
      </span>
      {filtered && <span aria-hidden className="size-1.5 rounded-full bg-accent" />}
    </Button>
  );
}
