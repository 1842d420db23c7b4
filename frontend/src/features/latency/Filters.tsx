import { FilterX } from "lucide-react";
import { Button } from "@/components/Button";
import { cn } from "@/components/cn";
import { Select } from "@/components/Field";
import { Segmented } from "@/components/Segmented";
import { METHODS, MIN_LATENCIES_US, STATUSES, type View } from "@/core/latency/view";
import { RANGES, type Range } from "@/core/latency/window";
import { useTranslation } from "@/i18n";
import type { FilterBy, Show } from "./useView";
import { useWords } from "./useWords";

interface FiltersProps {
  view: View;
  show: Show;
  filterBy: FilterBy;
  routes: string[];
}

export function Filters({ view, show, filterBy, routes }: FiltersProps) {
  const { t } = useTranslation();
  const words = useWords();
  const { filter, selection } = view;
  const known = [...new Set([...routes, filter.route ?? ""])].filter(Boolean).sort();
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Segmented<Range | "">
        label={t.latency.range}
        value={view.zoom ? "" : view.range}
        options={(Object.keys(RANGES) as Range[]).map((range) => ({
          value: range,
          label: t.latency.ranges[range] ?? range,
        }))}
        onChange={(range) => range && show({ range, zoom: null, selection: null })}
      />
      <fieldset className="flex min-w-0 flex-wrap gap-2">
        <legend className="sr-only">{t.latency.filters}</legend>
        <Choice
          label={t.latency.route}
          any={t.latency.allRoutes}
          value={filter.route}
          options={known.map((value) => ({ value, name: value }))}
          onChange={(route) => filterBy({ route })}
        />
        <Choice
          label={t.latency.method}
          any={t.latency.allMethods}
          value={filter.method}
          options={METHODS.map((value) => ({ value, name: value }))}
          onChange={(method) => filterBy({ method })}
        />
        <Choice
          label={t.latency.status}
          any={t.latency.allStatuses}
          value={filter.status}
          options={STATUSES.map((value) => ({ value, name: value }))}
          onChange={(status) => filterBy({ status })}
        />
        <Choice
          label={t.latency.minLatency}
          any={t.latency.anyLatency}
          value={filter.minLatencyUs?.toString()}
          options={MIN_LATENCIES_US.map((us) => ({
            value: String(us),
            name: `≥ ${words.latency(us)}`,
          }))}
          onChange={(us) => filterBy({ minLatencyUs: us ? Number(us) : undefined })}
        />
      </fieldset>
      {(Object.keys(filter).length > 0 || selection) && (
        <Button look="ghost" onClick={() => show({ filter: {}, selection: null })}>
          <FilterX aria-hidden />
          {t.latency.clear}
        </Button>
      )}
    </div>
  );
}

interface ChoiceProps {
  label: string;
  any: string;
  value: string | undefined;
  options: { value: string; name: string }[];
  onChange: (value: string | undefined) => void;
}

function Choice({ label, any, value, options, onChange }: ChoiceProps) {
  return (
    <Select
      aria-label={label}
      value={value ?? ""}
      onChange={(event) => onChange(event.target.value || undefined)}
      className={cn("max-w-full", value && "border-accent text-accent-ink")}
    >
      <option value="">{any}</option>
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.name}
        </option>
      ))}
    </Select>
  );
}
