// Runs before the first paint: sets the theme and the language that were chosen last time, and
// begins to fetch the words of that language.
(() => {
  const root = document.documentElement;
  const remembered = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // storage can be switched off; the defaults serve
    }
  };
  const theme = remembered("clientela.theme");
  const dark =
    theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = dark ? "dark" : "light";
  const language = remembered("clientela.language") || navigator.language || "pt-BR";
  root.lang = language.toLowerCase().startsWith("pt") ? "pt-BR" : "en";
  const words = document.currentScript.dataset[root.lang.slice(0, 2)];
  if (words) {
    const link = document.createElement("link");
    link.rel = "modulepreload";
    link.href = words;
    document.head.append(link);
  }
})();
