import { Settings2 } from "lucide-react";
import type { ComponentProps } from "react";
import { Button } from "@/components/Button";
import { lazily, useLazyMenu } from "@/components/lazily";
import { useTranslation } from "@/i18n";

const SettingsMenu = lazily(async () => (await import("./SettingsMenu")).default);

/** The preferences. What makes menus is fetched once the page has been painted. */
export function Settings() {
  const { open, setOpen, standIn } = useLazyMenu(SettingsMenu);
  const button = <SettingsButton {...standIn} />;
  return <SettingsMenu open={open} onOpen={setOpen} waiting={button} failed={button} />;
}

export function SettingsButton(props: ComponentProps<typeof Button>) {
  const { t } = useTranslation();
  return (
    <Button look="ghost" size="icon" aria-label={t.app.settings} {...props}>
      <Settings2 aria-hidden />
    </Button>
  );
}
