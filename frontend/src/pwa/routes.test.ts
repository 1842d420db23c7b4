import { describe, expect, it } from "vitest";
import api from "../../../docs/openapi/client_facade.json";
import { isPage } from "./routes";

describe("an address", () => {
  it.each(["/", "/clients/0198c5a2-0000-7000-8000-000000000001", "/latency", "/outbox", "/import"])(
    "%s is a page",
    (path) => {
      expect(isPage(path)).toBe(true);
    },
  );

  it.each([...Object.keys(api.paths), "/docs", "/openapi.json", "/assets/index.js"])(
    "%s is the facade's",
    (path) => {
      expect(isPage(path)).toBe(false);
    },
  );
});
