import { useState } from "react";
import { Dialog } from "@/components/Dialog";
import type { Client } from "@/core/api/types";
import type { Pair } from "@/core/merge";
import { useTranslation } from "@/i18n";
import { ChooseOther } from "./ChooseOther";
import { MergeForm } from "./MergeForm";
import { MergeReport } from "./MergeReport";
import { type Merged, useMerge } from "./useMerge";

interface MergeDialogProps {
  /** The client from whose panel this was opened. */
  opened: Client;
  onClose: () => void;
  onShow: (id: string) => void;
}

type Step =
  | { step: "choose" }
  | { step: "compare"; opened: Client; other: Client }
  | { step: "done"; pair: Pair; merged: Merged };

/** Makes one record of two that are the same person's: choose, compare, and see what was done. */
export function MergeDialog({ opened, onClose, onShow }: MergeDialogProps) {
  const { t } = useTranslation();
  const [at, setAt] = useState<Step>({ step: "choose" });
  const merge = useMerge();
  return (
    <Dialog
      open
      onClose={onClose}
      title={t.merge.title}
      text={
        {
          choose: t.merge.chooseText(opened.name),
          compare: t.merge.text,
          done: t.merge.doneText,
        }[at.step]
      }
      className={at.step === "compare" ? "sm:w-[min(56rem,calc(100vw-2rem))]" : undefined}
    >
      {at.step === "choose" && (
        <ChooseOther
          opened={opened}
          onChoose={(other) => setAt({ step: "compare", opened, other })}
        />
      )}
      {at.step === "compare" && (
        <MergeForm
          opened={at.opened}
          other={at.other}
          merge={merge}
          onBack={() => setAt({ step: "choose" })}
          onMerged={(pair, merged) => setAt({ step: "done", pair, merged })}
        />
      )}
      {at.step === "done" && (
        <MergeReport
          {...at}
          merge={merge}
          onCompare={({ kept, removed }) =>
            setAt({ step: "compare", opened: kept, other: removed })
          }
          onRepaired={(merged) => setAt({ ...at, merged })}
          onShow={onShow}
        />
      )}
    </Dialog>
  );
}
