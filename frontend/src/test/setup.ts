import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { loadLanguage } from "@/i18n";
import { installBrowser } from "./browser";
import { facade } from "./facade";

installBrowser();
configure({ asyncUtilTimeout: 5_000 }); // machines that run the tests are busy

beforeAll(() => Promise.all([loadLanguage("pt-BR"), loadLanguage("en")]));
beforeAll(() => facade.listen({ onUnhandledRequest: "error" }));
beforeEach(() => {
  localStorage.setItem("clientela.language", "en");
  history.replaceState(null, "", "/");
});
afterEach(() => {
  cleanup();
  facade.resetHandlers();
  localStorage.clear();
});
afterAll(() => facade.close());
