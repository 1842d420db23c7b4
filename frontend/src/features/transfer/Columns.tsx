import { Field, Select } from "@/components/Field";
import { Notice } from "@/components/Notice";
import { type Mapping, TARGETS, type Target } from "@/core/transfer/shapes";
import type { FileFacts } from "@/core/transfer/state";
import { useTranslation } from "@/i18n";
import { Section } from "./Section";

interface ColumnsProps {
  file: FileFacts;
  mapping: Mapping;
  onChange: (mapping: Mapping) => void;
}

/** From which column each field is taken. */
export function Columns({ file, mapping, onChange }: ColumnsProps) {
  const { t, formats } = useTranslation();
  const named = (name: string, i: number) => name || t.import.unnamedColumn(formats.number(i + 1));
  const used = new Set(Object.values(mapping));
  const unused = file.header.map(named).filter((_, i) => !used.has(i));
  const labels: Record<Target, string> = { ...t.fields, id: t.import.id };
  const example = (column: number | null) => (column === null ? "" : (file.examples[column] ?? ""));
  return (
    <Section title={t.import.columns} text={t.import.columnsText}>
      <div className="grid gap-x-4 gap-y-3 sm:grid-cols-2 lg:grid-cols-3">
        {TARGETS.map((target) => (
          <Field
            key={target}
            label={labels[target]}
            hint={
              example(mapping[target]) && (
                <span className="[overflow-wrap:anywhere]">
                  {t.import.example(example(mapping[target]))}
                </span>
              )
            }
          >
            {(ids) => (
              <Select
                {...ids}
                className="h-9 w-full border-line-strong/60"
                value={mapping[target] ?? ""}
                onChange={({ target: { value } }) =>
                  onChange({ ...mapping, [target]: value === "" ? null : Number(value) })
                }
              >
                <option value="">{t.import.noColumn}</option>
                {file.header.map((name, i) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns are their places
                  <option key={i} value={i}>
                    {named(name, i)}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        ))}
      </div>
      {mapping.name === null && <Notice tone="warn">{t.import.nameMissing}</Notice>}
      {unused.length > 0 && (
        <p className="text-ink-faint text-xs [overflow-wrap:anywhere]">
          {t.import.unused(unused.join(", "))}
        </p>
      )}
    </Section>
  );
}
