import { createContext, type ReactNode, use, useEffect, useMemo, useState } from "react";
import { remembered } from "@/core/store";
import { type Formats, formatsFor, type Language } from "./formats";
import type { Dictionary } from "./pt";

export type { Dictionary, Formats, Language };

export const LANGUAGES: { code: Language; name: string }[] = [
  { code: "pt-BR", name: "Português" },
  { code: "en", name: "English" },
];

const loaders: Record<Language, () => Promise<Dictionary>> = {
  "pt-BR": async () => (await import("./pt")).pt,
  en: async () => (await import("./en")).en,
};
const loaded = new Map<Language, Dictionary>();

/** Fetches a language; to be awaited before it is shown. */
export async function loadLanguage(language: Language): Promise<void> {
  if (!loaded.has(language)) loaded.set(language, await loaders[language]());
}

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

/** Its starting language must have been loaded. */
export function TranslationProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(startingLanguage);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const translation = useMemo<Translation>(() => {
    const t = loaded.get(language);
    if (!t) throw new Error(`The language ${language} has not been loaded.`);
    return {
      t,
      language,
      formats: formatsFor(language),
      setLanguage: async (chosen) => {
        await loadLanguage(chosen);
        remembered.set("language", chosen);
        setLanguage(chosen);
      },
    };
  }, [language]);
  return <TranslationContext value={translation}>{children}</TranslationContext>;
}

export function useTranslation(): Translation {
  const translation = use(TranslationContext);
  if (!translation) throw new Error("There is no TranslationProvider above this component.");
  return translation;
}
