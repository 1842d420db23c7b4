import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { LiveFeed } from "./liveFeed";
import { position, syncReport } from "./samples";

/** Feeds on which nothing is said. */
const silent = ["/client/changes", "/sync/changes", "/logs/tail"].map(
  (address) => new LiveFeed(address, position(0)).handler,
);

/** A client facade for tests: each test adds the routes that it is about. */
export const facade = setupServer(
  ...silent,
  http.get("*/sync", () => HttpResponse.json(syncReport())),
  http.get("*/client/history", ({ request }) => {
    const id = new URL(request.url).searchParams.get("id");
    return HttpResponse.json({ client_id: id, complete: true, since: position(0), changes: [] });
  }),
);

export function problem(status: number, code: string, members: Record<string, unknown> = {}) {
  return HttpResponse.json(
    { type: `urn:clientela:problem:${code}`, title: code, status, detail: code, code, ...members },
    { status, headers: { "Content-Type": "application/problem+json" } },
  );
}
