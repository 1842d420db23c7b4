import { LoaderCircle, Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/Button";
import { cn } from "@/components/cn";
import { inputStyle } from "@/components/Field";
import { useDebounced, useShortcut } from "@/components/hooks";
import { Kbd } from "@/components/Kbd";
import { useTranslation } from "@/i18n";
import { focusList } from "./focusList";

const SETTLED_MS = 180; // people type a letter in about this time

interface SearchBoxProps {
  q: string;
  busy: boolean;
  onSearch: (text: string) => void;
}

/** Searches while one types; the address holds what is searched for. */
export function SearchBox({ q, busy, onSearch }: SearchBoxProps) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(q);
  const settled = useDebounced(text, SETTLED_MS);
  const sent = useRef(q);
  const search = (value: string) => {
    sent.current = value.trim();
    onSearch(value.trim());
  };

  useEffect(() => {
    if (settled.trim() !== sent.current) search(settled);
  });
  // Back, forward and links change the address from outside.
  useEffect(() => {
    if (q === sent.current) return;
    sent.current = q;
    setText(q);
  }, [q]);
  useShortcut("/", () => {
    input.current?.focus();
    input.current?.select();
  });

  const clear = () => {
    setText("");
    search("");
    input.current?.focus();
  };
  return (
    <search className="relative min-w-0 flex-1">
      <Search
        aria-hidden
        className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-ink-faint"
      />
      <input
        ref={input}
        type="search"
        data-testid="search"
        aria-label={t.clients.search}
        aria-keyshortcuts="/"
        placeholder={t.clients.searchHint}
        autoComplete="off"
        spellCheck={false}
        maxLength={200}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") return text ? clear() : input.current?.blur();
          if (event.key === "ArrowDown" && focusList()) event.preventDefault();
          if (event.key === "Enter") search(text);
        }}
        className={cn(
          inputStyle,
          "h-9 pr-9 pl-8.5 pointer-coarse:h-11 [&::-webkit-search-cancel-button]:hidden",
        )}
      />
      <div className="absolute inset-y-0 right-1 flex items-center">
        {busy && <LoaderCircle aria-hidden className="mr-1 size-4 animate-spin text-ink-faint" />}
        {text ? (
          <Button
            look="ghost"
            size="icon"
            className="size-7"
            aria-label={t.clients.clearSearch}
            onClick={clear}
          >
            <X aria-hidden />
          </Button>
        ) : (
          <Kbd hidden className="mr-1 hidden lg:inline-grid">
            /
          </Kbd>
        )}
      </div>
    </search>
  );
}
