import { CircleUser, Gauge, type LucideIcon, Store, Users } from "lucide-react";
import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { cn } from "@/components/cn";
import { useMedia } from "@/components/hooks";
import { useAccess, useMay } from "@/components/useAccess";
import { SyncBanner } from "@/features/sync/SyncBanner";
import { SyncChip } from "@/features/sync/SyncChip";
import { useTranslation } from "@/i18n";
import { Logo } from "./Logo";
import { Settings } from "./Settings";

/** The frame of every page: where one is, how the branch stands, and the preferences. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const wide = useMedia("(min-width: 640px)");
  return (
    <div className="flex h-dvh flex-col">
      <a
        href="#content"
        className="sr-only rounded-md bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50"
      >
        {t.app.skip}
      </a>
      <header className="flex h-13 shrink-0 items-center gap-1 border-b bg-surface px-3 sm:gap-3 sm:px-5">
        <Link
          href="/"
          aria-label={t.app.name}
          className="mr-1 flex items-center gap-2 rounded-md font-semibold text-[0.9375rem] tracking-tight"
        >
          <Logo className="size-6" />
          <span className="sm:max-md:hidden">{t.app.name}</span>
        </Link>
        {wide && <Navigation className="flex gap-0.5" />}
        <div className="ml-auto flex items-center gap-0.5 sm:gap-1.5">
          <SyncChip />
          <SignedIn />
          <Settings />
        </div>
      </header>
      <SyncBanner />
      <main id="content" tabIndex={-1} className="min-h-0 flex-1 outline-none">
        {children}
      </main>
      {!wide && (
        <Navigation className="grid shrink-0 auto-cols-fr grid-flow-col border-t bg-surface pb-[env(safe-area-inset-bottom)]" />
      )}
    </div>
  );
}

function SignedIn() {
  const { name } = useAccess();
  if (!name) return null;
  return (
    <span
      data-testid="signed-in"
      className="flex max-w-40 items-center gap-1.5 px-1.5 text-[0.8125rem] text-ink-soft max-sm:hidden"
    >
      <CircleUser aria-hidden className="size-4 shrink-0" />
      <span className="truncate" title={name}>
        {name}
      </span>
    </span>
  );
}

/** Over the pages; on phones below them, where the thumb is. */
function Navigation({ className }: { className: string }) {
  const { t } = useTranslation();
  const watches = useMay("watch");
  if (!watches) return null; // there is but one page
  return (
    <nav aria-label={t.app.navigation} className={className}>
      <Tab href="/" icon={Users} label={t.app.clients} />
      <Tab href="/latency" icon={Gauge} label={t.app.latency} />
      <Tab href="/overview" icon={Store} label={t.overview.tab} />
    </nav>
  );
}

function Tab({ href, icon: Icon, label }: { href: string; icon: LucideIcon; label: string }) {
  const [location] = useLocation();
  const here =
    href === "/" ? location === "/" || location.startsWith("/clients") : location === href;
  return (
    <Link
      href={href}
      aria-current={here ? "page" : undefined}
      className={cn(
        "flex items-center font-medium transition-colors",
        "max-sm:h-13 max-sm:flex-col max-sm:justify-center max-sm:gap-0.5 max-sm:text-xs",
        "sm:h-8 sm:gap-1.5 sm:rounded-md sm:px-2.5 sm:text-[0.8125rem] sm:pointer-coarse:h-10",
        here ? "text-accent-ink sm:bg-sunken sm:text-ink" : "text-ink-soft hover:text-ink",
        !here && "sm:hover:bg-hover",
      )}
    >
      <Icon aria-hidden className="size-4.5 sm:size-4" />
      {label}
    </Link>
  );
}
