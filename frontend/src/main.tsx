import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import "./app/styles.css";
import { loadLanguage, startingLanguage } from "./i18n";
import { registerServiceWorker } from "./pwa/register";

const root = document.getElementById("root");
if (root) {
  await loadLanguage(startingLanguage());
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
  registerServiceWorker();
}
