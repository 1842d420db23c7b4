import { useQuery } from "@tanstack/react-query";
import { SearchX, Store, TriangleAlert } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "@/components/Button";
import { EmptyState } from "@/components/EmptyState";
import { Input } from "@/components/Field";
import { Notice } from "@/components/Notice";
import { facadesQuery } from "@/core/api/facades";
import type { KnownFacade } from "@/core/api/types";
import { byUrgency, countInStep } from "@/core/facades";
import { fold } from "@/core/text";
import { useTranslation } from "@/i18n";
import { problemMessage } from "@/i18n/errors";
import { FacadeTable } from "./FacadeTable";

const SHOWN_ITEMS = 40; // some screens; operators look for those in trouble, which come first

/** All branches of the register, those first that need a look. */
export default function OverviewPage() {
  const { t, formats } = useTranslation();
  const { data, error, isError, isPending, dataUpdatedAt, refetch } = useQuery(facadesQuery);
  useEffect(() => {
    document.title = `${t.overview.title} · Clientela`;
  }, [t]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls what has the focus
    <section aria-label={t.overview.title} tabIndex={0} className="h-full overflow-y-auto">
      <div className="mx-auto grid max-w-6xl gap-5 px-3 py-4 sm:px-5 sm:py-6">
        <div className="flex flex-wrap items-baseline gap-x-6 gap-y-1">
          <div className="mr-auto">
            <h1 className="font-semibold text-lg tracking-tight">{t.overview.title}</h1>
            <p className="text-ink-faint">{t.overview.subtitle}</p>
          </div>
          {data && data.length > 0 && <Totals facades={data} />}
        </div>
        {isError && data && (
          <Notice tone="warn" title={t.overview.awayTitle}>
            {t.overview.awayText(formats.time(new Date(dataUpdatedAt)))}
          </Notice>
        )}
        {isPending && <Loading />}
        {isError && !data && (
          <EmptyState
            icon={TriangleAlert}
            title={t.overview.failed}
            text={problemMessage(error, t)}
          >
            <Button onClick={() => refetch()}>{t.app.retry}</Button>
          </EmptyState>
        )}
        {data && <Facades facades={data} />}
      </div>
    </section>
  );
}

function Totals({ facades }: { facades: KnownFacade[] }) {
  const { t, formats } = useTranslation();
  const inStep = countInStep(facades);
  const others = facades.length - inStep;
  return (
    <p className="flex gap-5 tabular-nums" data-testid="overview-totals">
      <span>
        <strong className="font-semibold text-good text-lg">{formats.number(inStep)}</strong>{" "}
        <span className="text-ink-soft">{t.overview.inStep}</span>
      </span>
      {others > 0 && (
        <span>
          <strong className="font-semibold text-bad text-lg">{formats.number(others)}</strong>{" "}
          <span className="text-ink-soft">{t.overview.toLookAt}</span>
        </span>
      )}
    </p>
  );
}

function Facades({ facades }: { facades: KnownFacade[] }) {
  const { t, formats } = useTranslation();
  const [sought, setSought] = useState("");
  const [shown, setShown] = useState(SHOWN_ITEMS);
  if (facades.length === 0) {
    return <EmptyState icon={Store} title={t.overview.emptyTitle} text={t.overview.emptyText} />;
  }
  const word = fold(sought.trim());
  const found = byUrgency(facades).filter(({ name }) => fold(name).includes(word));
  const rest = found.length - shown;
  return (
    <>
      {facades.length > SHOWN_ITEMS && (
        <Input
          type="search"
          aria-label={t.overview.filter}
          placeholder={t.overview.filter}
          value={sought}
          onChange={(event) => setSought(event.target.value)}
          className="max-w-xs"
        />
      )}
      {found.length === 0 ? (
        <EmptyState icon={SearchX} title={t.overview.noneTitle} />
      ) : (
        <FacadeTable facades={found.slice(0, shown)} />
      )}
      {rest > 0 && (
        <Button className="justify-self-center" onClick={() => setShown(shown + SHOWN_ITEMS)}>
          {t.overview.more(formats.number(Math.min(rest, SHOWN_ITEMS)))}
        </Button>
      )}
    </>
  );
}

function Loading() {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t.app.loading} className="grid gap-2">
      {["a", "b", "c"].map((key) => (
        <span key={key} className="h-16 rounded-xl bg-sunken" />
      ))}
    </div>
  );
}
