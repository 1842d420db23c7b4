/** Lets the pages open without the facade. Absent in development, and on plain http off loopback. */
export function registerServiceWorker(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  const register = () => navigator.serviceWorker.register("/sw.js").catch(() => {});
  // What the page itself needs comes first.
  if (document.readyState === "complete") void register();
  else addEventListener("load", register, { once: true });
}
