import { ShieldOff } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { buttonStyle } from "@/components/Button";
import { EmptyState } from "@/components/EmptyState";
import { useMay } from "@/components/useAccess";
import type { Act } from "@/core/access";
import { useTranslation } from "@/i18n";

/** A page for those alone who may do something; others are told so. */
export function Only({ who, children }: { who: Act; children: ReactNode }) {
  const { t } = useTranslation();
  if (useMay(who)) return children;
  return (
    <EmptyState page icon={ShieldOff} title={t.session.notForYou} text={t.session.notForYouText}>
      <Link href="/" className={buttonStyle()}>
        {t.app.backToClients}
      </Link>
    </EmptyState>
  );
}
