import { FileUp } from "lucide-react";
import { type DragEvent, useRef, useState } from "react";
import { Button } from "@/components/Button";
import { cn } from "@/components/cn";
import { Notice } from "@/components/Notice";
import type { ImportState } from "@/core/transfer/state";
import { useTranslation } from "@/i18n";

interface FilePickerProps {
  problem: ImportState["problem"];
  onFile: (file: File) => void;
}

/** Takes a file, chosen or dropped. */
export function FilePicker({ problem, onFile }: FilePickerProps) {
  const { t, formats } = useTranslation();
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const take = (file: File | undefined) => file && onFile(file);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  return (
    <div className="grid gap-3">
      {problem && (
        <Notice urgent tone="bad">
          {t.import.problems[problem.code]}{" "}
          {problem.row !== null && t.import.problemRow(formats.number(problem.row))}
        </Notice>
      )}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the button does the same */}
      <div
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
        className={cn(
          "grid justify-items-center gap-1 rounded-xl border-2 border-dashed bg-surface px-6 py-12 text-center transition-colors",
          over ? "border-accent bg-selected" : "border-line-strong/60",
        )}
      >
        <span className="mb-3 grid size-12 place-content-center rounded-2xl bg-sunken text-ink-faint">
          <FileUp aria-hidden className="size-6" strokeWidth={1.6} />
        </span>
        <p className="font-semibold text-base">{t.import.drop}</p>
        <p className="max-w-md text-ink-soft">{t.import.formats}</p>
        <input
          ref={input}
          type="file"
          accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values"
          className="hidden"
          data-testid="import-file"
          aria-label={t.import.choose}
          onChange={(event) => {
            take(event.target.files?.[0]);
            event.target.value = ""; // the same file can be chosen again, changed meanwhile
          }}
        />
        <Button look="primary" className="mt-4" onClick={() => input.current?.click()}>
          {t.import.choose}
        </Button>
      </div>
    </div>
  );
}
