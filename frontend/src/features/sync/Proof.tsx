import { CircleDashed, LoaderCircle, ShieldAlert, ShieldCheck } from "lucide-react";
import { cn } from "@/components/cn";
import type { SyncReport } from "@/core/api/types";
import { versionOf } from "@/core/format/latency";
import { useTranslation } from "@/i18n";
import { Age } from "./Age";

const looks = {
  agreed: { icon: ShieldCheck, style: "bg-good-soft text-good" },
  checking: { icon: LoaderCircle, style: "bg-sunken text-ink-soft" },
  differs: { icon: ShieldAlert, style: "bg-bad-soft text-bad" },
  unknown: { icon: CircleDashed, style: "bg-sunken text-ink-soft" },
};

interface ProofProps {
  digest: SyncReport["digest"];
  /** Whether the server is heard: without that it is the proof of a moment that is over. */
  current: boolean;
}

/** Whether copy and register were the same when last compared, at which version, and when. */
export function Proof({ digest, current }: ProofProps) {
  const { t, formats } = useTranslation();
  const { icon: Icon, style } = looks[digest.state];
  const texts = {
    agreed: t.sync.digestAgreed,
    checking: t.sync.digestChecking,
    differs: t.sync.digestDiffers,
    unknown: t.sync.digestUnknown,
  };
  const version = versionOf(digest.version);
  return (
    <div
      data-testid="sync-proof"
      className={cn(
        "flex gap-2.5 rounded-lg px-3 py-2.5",
        current ? style : "bg-sunken text-ink-soft",
      )}
    >
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div>
        <p className="font-medium">{texts[digest.state]}</p>
        {version !== null && (
          <p className="text-[0.8125rem] text-ink-soft tabular-nums">
            {t.sync.digestAt(formats.number(version))}
            {digest.at && ", "}
            {digest.at && <Age since={Date.parse(digest.at)} text={t.sync.ago} />}
          </p>
        )}
      </div>
    </div>
  );
}
