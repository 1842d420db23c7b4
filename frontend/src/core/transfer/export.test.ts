import { HttpResponse, http } from "msw";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { facade, problem } from "@/test/facade";
import { HttpProblem } from "../api/http";
import { collected, exportClients } from "./export";

vi.hoisted(() => Object.assign(globalThis, { location: new URL("http://facade.test") }));

const CSV = 'id,name,notes\r\n1,João,"one\ntwo"\r\n2,Bia,\r\n';
const never = new AbortController().signal;
let asked: URL;

function serve(body: BodyInit) {
  facade.use(
    http.get("*/client", ({ request }) => {
      asked = new URL(request.url);
      expect(request.headers.get("Accept")).toBe("text/csv");
      return new HttpResponse(body);
    }),
  );
}

beforeAll(() => facade.listen({ onUnhandledRequest: "error" }));
afterEach(() => facade.resetHandlers());
afterAll(() => facade.close());

describe("an export", () => {
  it("is the view as CSV with a byte order mark, and counts its clients", async () => {
    serve(CSV);
    const files: Blob[] = [];

    const rows = await exportClients(
      "q=ana&sort=name&skip=200&limit=100",
      collected((file) => files.push(file)),
      () => {},
      never,
    );

    const bytes = new Uint8Array((await files[0]?.arrayBuffer()) ?? new ArrayBuffer(0));
    expect(rows).toBe(2);
    expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(new TextDecoder().decode(bytes)).toBe(CSV);
    expect(asked.search).toBe("?q=ana&sort=name");
  });

  it("counts rows whose ends are cut between two pieces", async () => {
    const pieces = ["id\r", "\n1\r\n2\r", "\n"].map((text) => new TextEncoder().encode(text));
    serve(
      new ReadableStream({
        start(stream) {
          for (const piece of pieces) stream.enqueue(piece);
          stream.close();
        },
      }),
    );

    expect(await exportClients("", collected(vi.fn()), () => {}, never)).toBe(2);
  });

  it("leaves no file behind when it is refused or cut off", async () => {
    const save = vi.fn();
    facade.use(http.get("*/client", () => problem(503, "not-ready")));
    await expect(exportClients("", collected(save), () => {}, never)).rejects.toThrow(HttpProblem);
    serve(
      new ReadableStream({
        start(stream) {
          stream.enqueue(new TextEncoder().encode("id,name\r\n1,"));
          stream.error(new Error("cut"));
        },
      }),
    );
    await expect(exportClients("", collected(save), () => {}, never)).rejects.toThrow();

    expect(save).not.toHaveBeenCalled();
  });
});
