import { useQuery } from "@tanstack/react-query";
import { Pencil, Plus, Trash2 } from "lucide-react";
import { useMemo } from "react";
import { Button } from "@/components/Button";
import { readHistory } from "@/core/api/clients";
import type { Change } from "@/core/api/types";
import { formatField } from "@/core/format/field";
import { type Step, stepsOf } from "@/core/history";
import { keys } from "@/core/live/clientCache";
import { useTranslation } from "@/i18n";

const icons = { insert: Plus, update: Pencil, delete: Trash2 };

/** What happened to a client, the latest first. */
export function ClientHistory({ id }: { id: string }) {
  const { t } = useTranslation();
  const { data, isPending, isError, isFetching, refetch } = useQuery({
    queryKey: keys.history(id),
    queryFn: ({ signal }) => readHistory(id, signal),
  });
  const steps = useMemo(() => stepsOf(data?.changes ?? []), [data]);
  return (
    <section className="border-t px-4 py-4 sm:px-5">
      <h3 className="font-semibold text-[0.8125rem]">{t.client.history}</h3>
      {isPending && <HistorySkeleton />}
      {isError && (
        <p className="mt-2 flex flex-wrap items-center gap-2 text-ink-soft">
          {t.client.historyFailed}
          <Button size="small" busy={isFetching} onClick={() => refetch()}>
            {t.app.retry}
          </Button>
        </p>
      )}
      {data && steps.length === 0 && <p className="mt-2 text-ink-faint">{t.client.historyEmpty}</p>}
      <ol className="mt-3">
        {steps.map((step) => (
          <HistoryStep key={step.change.headers.version} step={step} />
        ))}
      </ol>
      {data && !data.complete && steps.length > 0 && (
        <p className="mt-1 text-ink-faint text-xs">{t.client.historyPartial}</p>
      )}
    </section>
  );
}

function HistorySkeleton() {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t.app.loading} className="mt-3 flex gap-3">
      <span className="size-6 rounded-full bg-sunken" />
      <span className="h-6 w-1/2 rounded-md bg-sunken" />
    </div>
  );
}

function HistoryStep({ step }: { step: Step }) {
  const { t } = useTranslation();
  const { operation } = step.change.headers;
  const Icon = icons[operation];
  const title = { insert: t.client.insert, update: t.client.update, delete: t.client.remove };
  return (
    <li className="group relative flex gap-3 pb-4 last:pb-0">
      <span
        aria-hidden
        className="absolute top-6 bottom-0 left-[0.6875rem] border-l group-last:hidden"
      />
      <span className="grid size-6 shrink-0 place-content-center rounded-full bg-sunken text-ink-soft">
        <Icon aria-hidden className="size-3" />
      </span>
      <div className="min-w-0 flex-1 pt-0.5">
        <p className="flex flex-wrap items-baseline gap-x-1.5">
          <span className="font-medium">{title[operation]}</span>
          <Origin change={step.change} />
        </p>
        {step.fields.length > 0 && (
          <dl className="mt-1.5 grid gap-1.5">
            {step.fields.map(({ field, from, to }) => (
              <div key={field} className="rounded-md bg-sunken px-2.5 py-1.5 text-[0.8125rem]">
                <dt className="text-ink-faint text-xs">{t.fields[field]}</dt>
                <dd className="[overflow-wrap:anywhere]">
                  <del className="text-ink-faint decoration-1">
                    {formatField(field, from) || t.fields.empty}
                  </del>
                  <span aria-hidden className="px-1.5 text-ink-faint">
                    →
                  </span>
                  <ins className="no-underline">{formatField(field, to) || t.fields.empty}</ins>
                </dd>
              </div>
            ))}
          </dl>
        )}
      </div>
    </li>
  );
}

function Origin({ change }: { change: Change }) {
  const { t, formats } = useTranslation();
  const { timestamp, facade, actor } = change.headers;
  return (
    <span className="text-ink-faint text-xs">
      <time dateTime={timestamp}>{formats.full(new Date(timestamp))}</time>
      {facade && ` · ${t.client.at(facade)}`}
      {actor && ` · ${t.client.by(actor)}`}
    </span>
  );
}
