import { createContext, type ReactNode, use, useEffect, useMemo, useState } from "react";
import { remembered } from "@/core/store";
import { en } from "./en";
import { type Formats, formatsFor, type Language } from "./formats";
import { type Dictionary, pt } from "./pt";

export type { Dictionary, Formats, Language };

const dictionaries: Record<Language, Dictionary> = { "pt-BR": pt, en };
export const LANGUAGES: { code: Language; name: string }[] = [
  { code: "pt-BR", name: "Português" },
  { code: "en", name: "English" },
];

interface Translation {
  t: Dictionary;
  language: Language;
  formats: Formats;
  setLanguage: (language: Language) => void;
}

const TranslationContext = createContext<Translation | null>(null);

/** The language chosen here before, else the browser's. */
export function startingLanguage(): Language {
  const wanted = remembered.get("language") ?? navigator.language ?? "pt-BR";
  return wanted.toLowerCase().startsWith("pt") ? "pt-BR" : "en";
}

export function TranslationProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(startingLanguage);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const translation = useMemo<Translation>(
    () => ({
      t: dictionaries[language],
      language,
      formats: formatsFor(language),
      setLanguage: (chosen) => {
        remembered.set("language", chosen);
        setLanguage(chosen);
      },
    }),
    [language],
  );
  return <TranslationContext value={translation}>{children}</TranslationContext>;
}

export function useTranslation(): Translation {
  const translation = use(TranslationContext);
  if (!translation) throw new Error("There is no TranslationProvider above this component.");
  return translation;
}
