import { Button } from "@/components/Button";
import { Notice } from "@/components/Notice";
import type { Candidate } from "@/core/duplicates";
import { formatDocument } from "@/core/format/document";
import { formatPhone } from "@/core/format/phone";
import { useTranslation } from "@/i18n";

const SHOWN_MAX = 3; // of a phone that many share

interface DuplicateNoticeProps {
  candidates: Candidate[];
  onShow: (id: string) => void;
}

/** Warns of clients that may be the same; what to do about it is the person's to say. */
export function DuplicateNotice({ candidates, onShow }: DuplicateNoticeProps) {
  const { t, formats } = useTranslation();
  const refused = candidates.some(({ likeness }) => likeness === "document");
  const more = candidates.length - SHOWN_MAX;
  const saveAnyway = (
    <Button size="small" type="submit">
      {t.form.saveAnyway}
    </Button>
  );
  return (
    <Notice
      tone="warn"
      title={refused ? t.form.duplicateCertain : t.form.duplicateLikely}
      actions={refused ? undefined : saveAnyway}
    >
      <ul data-testid="duplicates" className="grid gap-1">
        {candidates.slice(0, SHOWN_MAX).map(({ client, likeness }) => (
          <li key={client.id}>
            <a
              href={`/clients/${client.id}`}
              className="font-semibold underline underline-offset-2 [overflow-wrap:anywhere]"
              onClick={(event) => {
                if (event.ctrlKey || event.metaKey) return;
                event.preventDefault();
                onShow(client.id);
              }}
            >
              {client.name}
            </a>{" "}
            <span className="text-ink-soft">
              {t.form.likeness[likeness]}
              {": "}
              <span className="whitespace-nowrap tabular-nums">
                {likeness === "document"
                  ? formatDocument(client.document ?? "")
                  : formatPhone(client.phone ?? "")}
              </span>
            </span>
          </li>
        ))}
      </ul>
      {more > 0 && (
        <p className="mt-1 text-ink-soft">{t.form.duplicateMore(formats.number(more))}</p>
      )}
      {refused && <p className="mt-1 text-ink-soft">{t.form.duplicateRefused}</p>}
    </Notice>
  );
}
