import { Settings2 } from "lucide-react";
import { type ComponentProps, lazy, Suspense, useState } from "react";
import { Button } from "@/components/Button";
import { useTranslation } from "@/i18n";

const SettingsMenu = lazy(() => import("./SettingsMenu"));

/** The preferences. What makes menus is fetched once the page has been painted. */
export function Settings() {
  const [open, setOpen] = useState(false);
  // Who is quicker than that gets the menu when it is there.
  return (
    <Suspense fallback={<SettingsButton onPointerDown={() => setOpen(true)} />}>
      <SettingsMenu open={open} onOpen={setOpen} />
    </Suspense>
  );
}

export function SettingsButton(props: ComponentProps<typeof Button>) {
  const { t } = useTranslation();
  return (
    <Button look="ghost" size="icon" aria-label={t.app.settings} {...props}>
      <Settings2 aria-hidden />
    </Button>
  );
}
