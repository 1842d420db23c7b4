import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "@/i18n";
import { Button } from "./Button";

const SHOWN_MS = 1_500;

/** Copies a value; absent where the browser gives a page no clipboard (plain http off loopback). */
export function CopyButton({ value, label }: { value: string; label: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  if (!navigator.clipboard) return null;
  const copy = () =>
    navigator.clipboard.writeText(value).then(
      () => setCopied(true),
      () => {},
    );
  return (
    <Button
      look="ghost"
      size="icon"
      className="-my-1 size-7 pointer-coarse:size-9 [&_svg]:size-3.5"
      aria-label={copied ? t.app.copied : `${t.app.copy} ${label}`}
      onClick={copy}
    >
      {copied ? <Check aria-hidden className="text-good" /> : <Copy aria-hidden />}
    </Button>
  );
}
