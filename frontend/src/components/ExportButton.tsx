import { Download, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { collected, exportClients, type Target } from "@/core/transfer/export";
import { withSemicolons } from "@/core/transfer/semicolons";
import { useTranslation } from "@/i18n";
import { Button } from "./Button";
import { datedName, download } from "./download";
import { toast } from "./Toaster";

interface Picker {
  showSaveFilePicker?: (options: {
    suggestedName: string;
    types: { accept: Record<string, string[]> }[];
  }) => Promise<{ createWritable: () => Promise<Target> }>;
}

/** Saves the clients of a view (its `q`, its order) as CSV. */
export function ExportButton({ query }: { query: string }) {
  const { t, formats } = useTranslation();
  const [rows, setRows] = useState<number | null>(null);
  const [failed, setFailed] = useState(false);
  const work = useRef<AbortController | null>(null);
  useEffect(() => () => work.current?.abort(), []);
  const say = (text: (n: string, one: boolean) => string, n: number) =>
    text(formats.number(n), n === 1);
  const run = async () => {
    const chosen = await chooseTarget(datedName(t.export.file));
    if (!chosen) return;
    const target = t.export.delimiter === ";" ? withSemicolons(chosen) : chosen;
    work.current = new AbortController();
    const { signal } = work.current;
    setRows(0);
    setFailed(false);
    try {
      toast(say(t.export.done, await exportClients(query, target, setRows, signal)));
    } catch {
      setFailed(!signal.aborted);
    }
    setRows(null);
  };
  return (
    <>
      {rows === null ? (
        <Button
          aria-label={t.export.label}
          title={t.export.label}
          data-testid="export"
          className="h-9 px-2.5 pointer-coarse:h-11"
          onClick={run}
        >
          <Download aria-hidden />
        </Button>
      ) : (
        <Button aria-label={t.export.cancel} className="h-9" onClick={() => work.current?.abort()}>
          <X aria-hidden />
          <span className="tabular-nums">{say(t.export.running, rows)}</span>
        </Button>
      )}
      {failed && (
        <p role="alert" className="text-[0.8125rem] text-bad">
          {t.export.failed}
        </p>
      )}
    </>
  );
}

/** Where the browser lets a page write a file, the export never lies in memory. Null: none chosen. */
async function chooseTarget(suggestedName: string): Promise<Target | null> {
  const { showSaveFilePicker } = window as Picker;
  if (!showSaveFilePicker) return collected((file) => download(file, suggestedName));
  try {
    const types = [{ accept: { "text/csv": [".csv"] } }];
    return await (await showSaveFilePicker({ suggestedName, types })).createWritable();
  } catch {
    return null; // closed without a choice
  }
}
