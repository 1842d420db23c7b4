import { FilterX } from "lucide-react";
import { Button } from "@/components/Button";
import { cn } from "@/components/cn";
import { Select } from "@/components/Field";
import { Segmented } from "@/components/Segmented";
import type { LogGroup } from "@/core/api/types";
import { formatLatency } from "@/core/format/latency";
import { useTranslation } from "@/i18n";
import { METHODS, MIN_LATENCIES_US, STATUSES, type useLogFilter } from "./useLogFilter";

type FiltersProps = ReturnType<typeof useLogFilter> & { routes: LogGroup[] };

export function Filters({ filter, range, set, clear, isFiltered, routes }: FiltersProps) {
  const { t, formats } = useTranslation();
  const known = [...new Set([...routes.map(({ key }) => key), filter.route ?? ""])].filter(Boolean);
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Segmented
        label={t.latency.range}
        value={range}
        options={[
          { value: "5m", label: t.latency.range5m },
          { value: "1h", label: t.latency.range1h },
          { value: "24h", label: t.latency.range24h },
        ]}
        onChange={(value) => set("range", value === "5m" ? "" : value)}
      />
      <fieldset className="grid min-w-0 grid-cols-2 gap-2 max-sm:w-full sm:flex sm:flex-wrap">
        <legend className="sr-only">{t.latency.filters}</legend>
        <Choice
          label={t.latency.route}
          any={t.latency.allRoutes}
          value={filter.route}
          options={known.sort().map((value) => ({ value, name: value }))}
          onChange={(value) => set("route", value)}
        />
        <Choice
          label={t.latency.method}
          any={t.latency.allMethods}
          value={filter.method}
          options={METHODS.map((value) => ({ value, name: value }))}
          onChange={(value) => set("method", value)}
        />
        <Choice
          label={t.latency.status}
          any={t.latency.allStatuses}
          value={filter.status}
          options={STATUSES.map((value) => ({ value, name: value }))}
          onChange={(value) => set("status", value)}
        />
        <Choice
          label={t.latency.minLatency}
          any={t.latency.anyLatency}
          value={filter.minLatencyUs?.toString()}
          options={MIN_LATENCIES_US.map((us) => ({
            value: String(us),
            name: `≥ ${formatLatency(us, formats.number)}`,
          }))}
          onChange={(value) => set("min", value)}
        />
      </fieldset>
      {isFiltered && (
        <Button look="ghost" onClick={clear}>
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
  onChange: (value: string) => void;
}

function Choice({ label, any, value, options, onChange }: ChoiceProps) {
  return (
    <Select
      aria-label={label}
      value={value ?? ""}
      onChange={(event) => onChange(event.target.value)}
      className={cn("max-sm:w-full sm:max-w-56", value && "border-accent text-accent-ink")}
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
