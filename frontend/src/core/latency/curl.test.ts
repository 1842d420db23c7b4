import { expect, it } from "vitest";
import { curlOf } from "./curl";

const ORIGIN = "http://127.0.0.1:8001";

it.each([
  ["GET", "/client", "curl -i 'http://127.0.0.1:8001/client'"],
  ["HEAD", "/client", "curl -i -I 'http://127.0.0.1:8001/client'"],
  ["DELETE", "/it's", "curl -i -X DELETE 'http://127.0.0.1:8001/it'\\''s'"],
  [
    "PATCH",
    "/client",
    "curl -i -X PATCH 'http://127.0.0.1:8001/client' -H 'Content-Type: application/merge-patch+json' --data-binary @body.json",
  ],
])("asks %s %s again", (method, route, command) => {
  expect(curlOf({ method, route }, ORIGIN)).toBe(command);
});
