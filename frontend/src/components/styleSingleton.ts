import { useEffect } from "react";

interface SheetProps {
  styles: string;
  dynamic?: boolean;
}

/**
 * In the build, this is the module `react-style-singleton`, by which open dialogs hold the page
 * still. That one adds a `<style>` element, which the content security policy forbids; a sheet that
 * is made by script is allowed. Each call gives a component whose styles hold while any of it is
 * mounted.
 */
export function styleSingleton() {
  let mounted = 0;
  let sheet: CSSStyleSheet | null = null;
  const add = (styles: string) => {
    mounted += 1;
    if (sheet) return;
    sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  };
  const remove = () => {
    mounted -= 1;
    if (mounted > 0) return;
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
    sheet = null;
  };
  return function Sheet({ styles, dynamic }: SheetProps) {
    // biome-ignore lint/correctness/useExhaustiveDependencies: as of the module that it stands for
    useEffect(() => {
      add(styles);
      return remove;
    }, [styles && dynamic]);
    return null;
  };
}
