import { createContext, type ReactNode, use, useEffect, useMemo, useState } from "react";
import { remembered } from "@/core/store";

export type Theme = "system" | "light" | "dark";

interface ThemeChoice {
  theme: Theme;
  setTheme: (theme: Theme) => void;
}

const ThemeContext = createContext<ThemeChoice>({ theme: "system", setTheme: () => {} });

function startingTheme(): Theme {
  const theme = remembered.get("theme");
  return theme === "light" || theme === "dark" ? theme : "system";
}

function paint(dark: boolean): void {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  const bar = document.querySelector('meta[name="theme-color"]');
  bar?.setAttribute("content", dark ? "#15171c" : "#ffffff");
}

export function ThemeProvider({ children }: { children: ReactNode }) {
  const [theme, setTheme] = useState(startingTheme);
  useEffect(() => {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const repaint = () => paint(theme === "dark" || (theme === "system" && system.matches));
    repaint();
    system.addEventListener("change", repaint);
    return () => system.removeEventListener("change", repaint);
  }, [theme]);
  const choice = useMemo<ThemeChoice>(
    () => ({
      theme,
      setTheme: (chosen) => {
        remembered.set("theme", chosen === "system" ? null : chosen);
        setTheme(chosen);
      },
    }),
    [theme],
  );
  return <ThemeContext value={choice}>{children}</ThemeContext>;
}

export const useTheme = () => use(ThemeContext);
