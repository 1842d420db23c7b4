import { Settings2 } from "lucide-react";
import { type ComponentProps, lazy, Suspense } from "react";
import { Button } from "@/components/Button";
import { useTranslation } from "@/i18n";

const SettingsMenu = lazy(() => import("./SettingsMenu"));

/** The preferences. What makes menus is fetched once the page has been painted. */
export function Settings() {
  return (
    <Suspense fallback={<SettingsButton />}>
      <SettingsMenu />
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
