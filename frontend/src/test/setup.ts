import "@testing-library/jest-dom/vitest";
import { cleanup } from "@testing-library/react";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { installBrowser } from "./browser";
import { facade } from "./facade";

installBrowser();

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
