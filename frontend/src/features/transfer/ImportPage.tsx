import { AppWindow, Download, FileText, LoaderCircle } from "lucide-react";
import { useEffect } from "react";
import { Button } from "@/components/Button";
import { datedName, download } from "@/components/download";
import { EmptyState } from "@/components/EmptyState";
import { Notice } from "@/components/Notice";
import type { ImportDesk } from "@/core/transfer/desk";
import type { FileFacts, ImportState } from "@/core/transfer/state";
import { useTranslation } from "@/i18n";
import { Columns } from "./Columns";
import { FilePicker } from "./FilePicker";
import { leftFile } from "./leftRows";
import { Progress, Summary } from "./Progress";
import { Rows } from "./Rows";
import { useImport } from "./useImport";

/** Clients from a file: choose it, see what becomes of each row, import. */
export default function ImportPage() {
  const { t } = useTranslation();
  const { state, desk } = useImport();
  useEffect(() => {
    document.title = `${t.import.title} · Clientela`;
  }, [t]);
  return (
    <div className="relative h-full overflow-y-auto">
      <div className="mx-auto grid max-w-4xl gap-4 px-3 py-4 sm:px-5 sm:py-6">
        <div>
          <h1 className="font-semibold text-lg tracking-tight">{t.import.title}</h1>
          <p className="text-ink-faint">{t.import.subtitle}</p>
        </div>
        {state && <Stage state={state} desk={desk} />}
      </div>
    </div>
  );
}

interface StageProps {
  state: ImportState;
  desk: ImportDesk;
}

function Stage({ state, desk }: StageProps) {
  const { t } = useTranslation();
  const { phase, file, mapping } = state;
  if (phase === "reading") {
    return (
      <p role="status" className="flex items-center justify-center gap-2 py-16 text-ink-soft">
        <LoaderCircle aria-hidden className="size-4 animate-spin" />
        {t.import.reading}
      </p>
    );
  }
  if (phase === "elsewhere") {
    return <EmptyState icon={AppWindow} title={t.import.elsewhere} text={t.import.elsewhereText} />;
  }
  if (!file || !mapping) {
    const open = (chosen: File) => desk.do({ do: "open", file: chosen });
    return <FilePicker problem={state.problem} onFile={open} />;
  }
  return (
    <>
      <FileLine file={file} />
      {phase === "preview" && (
        <Columns
          file={file}
          mapping={mapping}
          onChange={(changed) => desk.do({ do: "map", mapping: changed })}
        />
      )}
      {phase === "done" && <Summary state={state} desk={desk} />}
      {(phase === "sending" || phase === "paused") && <Progress state={state} desk={desk} />}
      <Rows state={state} onShow={(verdict) => desk.do({ do: "show", verdict })} />
      <Left state={state} desk={desk} />
      {phase === "preview" && <Start state={state} desk={desk} />}
    </>
  );
}

function FileLine({ file }: { file: FileFacts }) {
  const { t, formats } = useTranslation();
  const facts = [
    t.import.rows(formats.number(file.rows), file.rows === 1),
    t.import.separatedBy(t.import.delimiters[file.delimiter] ?? file.delimiter),
    file.encoding === "windows-1252" ? "Windows-1252" : file.encoding.toUpperCase(),
  ];
  return (
    <p className="flex items-start gap-2" data-testid="import-facts">
      <FileText aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-faint" />
      <span className="min-w-0 [overflow-wrap:anywhere]">
        <span className="font-medium">{file.name}</span>{" "}
        <span className="text-ink-soft">{facts.join(", ")}</span>
      </span>
    </p>
  );
}

/** The rows that can't come in, to be put right in a spreadsheet. */
function Left({ state, desk }: StageProps) {
  const { t, formats } = useTranslation();
  const { invalid, refused, repeated, known } = state.counts;
  const count = invalid + refused + repeated + known;
  const { file } = state;
  if (count === 0 || !file) return null;
  const save = async () => {
    const rows = await leftFile(await desk.left(), file, t, formats);
    download(rows, datedName(t.import.downloadFile));
  };
  return (
    <div className="flex justify-center">
      <Button className="h-auto min-h-8 whitespace-normal py-1" onClick={save}>
        <Download aria-hidden />
        {t.import.download(formats.number(count), count === 1)}
      </Button>
    </div>
  );
}

/** What is left to do before rows are sent. */
function Start({ state, desk }: StageProps) {
  const { t, formats } = useTranslation();
  const { comparison, counts } = state;
  const fresh = counts.new;
  return (
    <div className="-mx-3 sm:-mx-5 sticky bottom-0 grid gap-2 border-t bg-canvas px-3 py-3 sm:px-5">
      {comparison.state === "failed" && (
        <Notice
          urgent
          tone="bad"
          actions={<Button onClick={() => desk.do({ do: "compare" })}>{t.app.retry}</Button>}
        >
          {t.import.compareFailed}
        </Notice>
      )}
      <div className="flex flex-wrap items-center justify-end gap-x-4 gap-y-2">
        {comparison.state === "running" && (
          <p role="status" className="flex items-center gap-2 text-ink-soft tabular-nums">
            <LoaderCircle aria-hidden className="size-4 animate-spin" />
            {t.import.comparing(formats.number(comparison.clients))}
          </p>
        )}
        <Button onClick={() => desk.do({ do: "discard" })}>{t.import.otherFile}</Button>
        <Button
          look="primary"
          data-testid="import-start"
          disabled={comparison.state !== "done" || fresh === 0}
          onClick={() => desk.do({ do: "start" })}
        >
          {fresh > 0 ? t.import.start(formats.number(fresh), fresh === 1) : t.import.nothingNew}
        </Button>
      </div>
    </div>
  );
}
