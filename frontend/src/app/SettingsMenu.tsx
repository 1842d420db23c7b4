import { Check, Keyboard, LogOut, MonitorX } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useState } from "react";
import { Dialog } from "@/components/Dialog";
import { useShortcut } from "@/components/hooks";
import { Kbd } from "@/components/Kbd";
import { toast } from "@/components/Toaster";
import { useAccess } from "@/components/useAccess";
import { signOut } from "@/core/access";
import { LANGUAGES, useTranslation } from "@/i18n";
import { problemMessage } from "@/i18n/errors";
import { SettingsButton } from "./Settings";
import { type Theme, useTheme } from "./theme";

const item =
  "flex items-center gap-2 rounded-md py-1.5 pr-2 pl-2 outline-none data-highlighted:bg-hover pointer-coarse:py-2.5";

interface SettingsMenuProps {
  open: boolean;
  onOpen: (open: boolean) => void;
}

/** Language, appearance and shortcuts. */
export default function SettingsMenu({ open, onOpen }: SettingsMenuProps) {
  const { t, language, setLanguage } = useTranslation();
  const { theme, setTheme } = useTheme();
  const [help, setHelp] = useState(false);
  useShortcut("?", () => setHelp(true));
  const themes: { value: Theme; name: string }[] = [
    { value: "system", name: t.app.themeSystem },
    { value: "light", name: t.app.themeLight },
    { value: "dark", name: t.app.themeDark },
  ];
  return (
    <>
      <DropdownMenu.Root modal={false} open={open} onOpenChange={onOpen}>
        {/* No portal: the menu stays within the header's landmark. */}
        <DropdownMenu.Trigger asChild>
          <SettingsButton />
        </DropdownMenu.Trigger>
        <DropdownMenu.Content
          align="end"
          sideOffset={6}
          collisionPadding={8}
          className="z-40 w-60 animate-pop rounded-lg border bg-raised p-1 shadow-float"
        >
          <Choices
            label={t.app.language}
            value={language}
            options={LANGUAGES.map(({ code, name }) => ({ value: code, name }))}
            onChange={setLanguage}
          />
          <DropdownMenu.Separator className="-mx-1 my-1 border-t" />
          <Choices label={t.app.theme} value={theme} options={themes} onChange={setTheme} />
          <DropdownMenu.Separator className="-mx-1 my-1 border-t" />
          <DropdownMenu.Item className={item} onSelect={() => setHelp(true)}>
            <Keyboard aria-hidden className="size-4 text-ink-faint" />
            <span className="flex-1">{t.app.shortcuts}</span>
            <Kbd>?</Kbd>
          </DropdownMenu.Item>
          <SignOut />
        </DropdownMenu.Content>
      </DropdownMenu.Root>
      <Shortcuts open={help} onClose={() => setHelp(false)} />
    </>
  );
}

/** Who is signed in, and the ways out; nothing where the pages are open. */
function SignOut() {
  const { t } = useTranslation();
  const { name, role } = useAccess();
  if (!name || !role) return null;
  const leave = (everywhere: boolean) =>
    signOut(everywhere).catch((error) => toast(problemMessage(error, t)));
  return (
    <>
      <DropdownMenu.Separator className="-mx-1 my-1 border-t" />
      <DropdownMenu.Label className="px-2 pt-1.5 pb-1 text-ink-faint text-xs [overflow-wrap:anywhere]">
        {t.session.signedInAs(name, t.session.roles[role] ?? role)}
      </DropdownMenu.Label>
      <DropdownMenu.Item className={item} onSelect={() => leave(false)}>
        <LogOut aria-hidden className="size-4 text-ink-faint" />
        {t.session.signOut}
      </DropdownMenu.Item>
      <DropdownMenu.Item className={item} onSelect={() => leave(true)}>
        <MonitorX aria-hidden className="size-4 text-ink-faint" />
        {t.session.signOutEverywhere}
      </DropdownMenu.Item>
    </>
  );
}

interface ChoicesProps<T extends string> {
  label: string;
  value: T;
  options: { value: T; name: string }[];
  onChange: (value: T) => void;
}

function Choices<T extends string>({ label, value, options, onChange }: ChoicesProps<T>) {
  return (
    <DropdownMenu.RadioGroup
      aria-label={label}
      value={value}
      onValueChange={(chosen) => onChange(chosen as T)}
    >
      <DropdownMenu.Label className="px-2 pt-1.5 pb-1 text-ink-faint text-xs">
        {label}
      </DropdownMenu.Label>
      {options.map((option) => (
        <DropdownMenu.RadioItem key={option.value} value={option.value} className={item}>
          <span className="flex-1">{option.name}</span>
          <DropdownMenu.ItemIndicator>
            <Check aria-hidden className="size-4 text-accent-ink" />
          </DropdownMenu.ItemIndicator>
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}

function Shortcuts({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const shortcuts: [string[], string][] = [
    [["/"], t.shortcuts.search],
    [["n"], t.shortcuts.create],
    [["↑", "↓"], t.shortcuts.move],
    [["Enter"], t.shortcuts.open],
    [["e"], t.shortcuts.edit],
    [["Esc"], t.shortcuts.close],
    [["?"], t.shortcuts.help],
  ];
  return (
    <Dialog open={open} onClose={onClose} title={t.app.shortcuts}>
      <dl className="divide-y px-5 py-2">
        {shortcuts.map(([pressed, does]) => (
          <div key={does} className="flex items-center justify-between gap-4 py-2.5">
            <dt className="text-ink-soft">{does}</dt>
            <dd className="flex gap-1">
              {pressed.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
