import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { facade } from "@/test/facade";
import { LiveFeed } from "@/test/liveFeed";
import { makeComparison, makeEntry, makeGroup, makeHeatmap, makeRecent } from "@/test/log";
import { renderPage } from "@/test/render";
import LatencyPage from "./LatencyPage";

const OFFSET = "0000000001_00000000000000000001";
const SELECTED = "sel=1782907200000_1782907260000_1_2000";

let asked: URL[];
let tail: LiveFeed;

beforeEach(() => {
  asked = [];
  tail = new LiveFeed("/logs/tail", "0000000001_00000000000000000000");
  facade.use(tail.handler);
  const answer = (body: (url: URL) => object) => (info: { request: Request }) => {
    const url = new URL(info.request.url);
    asked.push(url);
    return HttpResponse.json(body(url));
  };
  facade.use(
    http.get(
      "*/logs/compare",
      answer(() => makeComparison([makeGroup("/sync", 2), makeGroup("/client")])),
    ),
    http.get(
      "*/logs/heatmap",
      answer(() => makeHeatmap()),
    ),
    http.get(
      "*/logs/summary",
      answer(() => ({ ...makeGroup("all").now, from: null, to: "", dropped: 0, groups: [] })),
    ),
    http.get(
      "*/logs",
      answer(() => [makeEntry(2, { status: 503, error: "TimeoutError" }), makeEntry(1)]),
    ),
  );
  history.replaceState(null, "", "/latency");
});

const lastAsked = (path: string) => asked.findLast(({ pathname }) => pathname === path);

async function arrive(entries: object[]) {
  await waitFor(() => expect(tail.isFollowed).toBe(true));
  await act(async () => tail.say(entries, OFFSET));
}

describe("the latency page", () => {
  it("gives its figures in sensible units, with the language's decimals", async () => {
    localStorage.setItem("clientela.language", "pt-BR");
    renderPage(<LatencyPage />);

    expect(await screen.findByTestId("latency-tile-p50")).toHaveTextContent("85 µs");
    expect(screen.getByTestId("latency-tile-p95")).toHaveTextContent("1,25 ms");
    expect(screen.getByTestId("latency-tile-p99")).toHaveTextContent("12,5 ms");
    expect(screen.getByTestId("latency-tile-rate")).toHaveTextContent("2600 requisições");
    expect(screen.getByTestId("latency-tile-errors")).toHaveTextContent("0,5%");
  });

  it("says in words what changed against the window before", async () => {
    renderPage(<LatencyPage />);

    expect(await screen.findByTestId("latency-tile-p50")).toHaveTextContent("steady");
    expect(screen.getByTestId("latency-tile-p95")).toHaveTextContent("50% faster");
    expect(screen.getByTestId("latency-tile-p99")).toHaveTextContent("25% slower");
    expect(screen.getByTestId("latency-tile-rate")).toHaveTextContent("2× more");
    expect(screen.getByTestId("latency-tile-errors")).toHaveTextContent("0.5 pp more");
  });

  it("lists single requests, the newest first", async () => {
    renderPage(<LatencyPage />);

    const rows = await screen.findAllByTestId("log-row");
    expect(rows).toHaveLength(2);
    expect(rows[0]).toHaveTextContent(/GET \/client.*TimeoutError.*503.*1 ms.*1.5 kB/);
  });

  it("shows a request as it comes, and holds it in a pause", async () => {
    const user = userEvent.setup({ delay: null });
    renderPage(<LatencyPage />);
    await screen.findAllByTestId("log-row");

    await arrive([makeRecent(3)]);
    await waitFor(() => expect(screen.getAllByTestId("log-row")).toHaveLength(3));

    await user.click(screen.getByRole("button", { name: "Pause" }));
    await arrive([makeEntry(2), makeRecent(4), makeRecent(5)]);
    await waitFor(() =>
      expect(screen.getByTestId("latency-live")).toHaveTextContent("Paused· 2 new requests"),
    );
    expect(screen.getAllByTestId("log-row")).toHaveLength(3);

    await user.click(screen.getByRole("button", { name: "Resume" }));
    expect(screen.getAllByTestId("log-row")).toHaveLength(5);
  });

  it("leaves out what only read the log, until one asks for it", async () => {
    const user = userEvent.setup({ delay: null });
    facade.use(
      http.get("*/logs", () =>
        HttpResponse.json([makeEntry(2, { route: "/logs/heatmap" }), makeEntry(1)]),
      ),
    );
    renderPage(<LatencyPage />);
    expect(await screen.findAllByTestId("log-row")).toHaveLength(1);

    await user.click(screen.getByRole("button", { name: "Show reads of this log" }));

    expect(screen.getAllByTestId("log-row")).toHaveLength(2);
    expect(location.search).toBe("?own=1");
  });

  it("is read page by page, which holds it still until it goes on", async () => {
    const user = userEvent.setup({ delay: null });
    const earlier = makeEntry(-1, { route: "/earlier" });
    facade.use(
      http.get("*/logs", ({ request }) => {
        if (new URL(request.url).searchParams.has("cursor")) return HttpResponse.json([earlier]);
        const entries = Array.from({ length: 20 }, (_, i) => makeEntry(20 - i));
        const headers = { Link: '</logs?cursor=dxyz>; rel="next"' };
        return HttpResponse.json(entries, { headers });
      }),
    );
    renderPage(<LatencyPage />);
    expect(await screen.findAllByTestId("log-row")).toHaveLength(15);

    await user.click(screen.getAllByRole("button", { name: "Next" }).at(-1) as HTMLElement);
    expect(await screen.findByRole("button", { name: /^Open GET \/earlier/ })).toBeInTheDocument();
    expect(screen.getAllByTestId("log-row")).toHaveLength(6);
    expect(screen.getByTestId("latency-live")).toHaveTextContent("Paused");

    await user.click(screen.getByRole("button", { name: "Resume" }));
    expect(screen.getAllByTestId("log-row")).toHaveLength(15);
    await user.click(screen.getByRole("button", { name: "Pause" }));
    expect(screen.getByText("1–15")).toBeInTheDocument();
  });

  it("takes of the tail only what passes the filters", async () => {
    history.replaceState(null, "", "/latency?route=/client");
    renderPage(<LatencyPage />);
    await screen.findAllByTestId("log-row");

    await arrive([makeRecent(3, { route: "/sync" }), makeRecent(4)]);

    await waitFor(() => expect(screen.getAllByTestId("log-row")).toHaveLength(3));
  });

  it("lets go of the tail with the page, and follows none for a fixed span", async () => {
    const page = renderPage(<LatencyPage />);
    await arrive([]);
    page.unmount();
    await waitFor(() => expect(tail.isFollowed).toBe(false));

    history.replaceState(null, "", "/latency?zoom=1782907200000_1782907260000");
    renderPage(<LatencyPage />);
    expect(await screen.findByText("Fixed span")).toBeInTheDocument();
    expect(tail.isFollowed).toBe(false);
  });

  it("shows the heatmap as a table on demand", async () => {
    const user = userEvent.setup({ delay: null });
    renderPage(<LatencyPage />);

    await user.click(await screen.findByRole("button", { name: "Show as table" }));

    const table = screen.getByRole("table", { name: "Heatmap as a table" });
    const cells = within(table)
      .getAllByRole("row")
      .map((row) => within(row).queryAllByRole("cell"));
    expect(cells[1]?.map(({ textContent }) => textContent)).toEqual(
      ["11", "1.5 ms", "1.5 ms", "12.5 ms", "10", "0", "0", "1"], // newest first
    );
    expect(location.search).toBe("?view=table");
  });

  it("tells the heatmap in words", async () => {
    renderPage(<LatencyPage />);

    expect(await screen.findByTestId("heatmap")).toHaveAccessibleDescription(
      /21 requests, between 1.02 ms and 16.4 ms.*busiest spot is 1.02–2.05 ms.*highest p99, 12.5 ms/,
    );
  });

  it("chooses a rectangle by keyboard, which filters the requests", async () => {
    const user = userEvent.setup({ delay: null });
    renderPage(<LatencyPage />);
    const chart = await screen.findByTestId("heatmap");

    chart.focus();
    await user.keyboard("{ArrowRight}{ArrowUp}");
    expect(screen.getByTestId("heatmap-cursor")).toHaveTextContent("2.05–4.1 ms0 requests");
    await user.keyboard("{Shift>}{ArrowUp}{ArrowUp}{/Shift}{Enter}");

    expect(location.search).toBe("?sel=1782907260000_1782907320000_2049_16384");
    await waitFor(() => {
      const query = lastAsked("/logs")?.searchParams;
      expect(query?.get("min_latency_us")).toBe("2049");
      expect(query?.get("max_latency_us")).toBe("16384");
      expect(query?.get("from")).toBe("2026-07-01T12:01:00.000Z");
      expect(query?.get("to")).toBe("2026-07-01T12:02:00.000Z");
    });
  });

  it("takes a selection away, and zooms into its time", async () => {
    const user = userEvent.setup({ delay: null });
    history.replaceState(null, "", `/latency?${SELECTED}`);
    renderPage(<LatencyPage />);

    await user.click(await screen.findByRole("button", { name: "Zoom in" }));
    expect(location.search).toBe("?zoom=1782907200000_1782907260000");
    await user.click(screen.getByRole("button", { name: "Back to the range" }));
    expect(location.search).toBe("");

    history.go(-2);
    await user.click(await screen.findByRole("button", { name: /^Remove the filter/ }));
    expect(location.search).toBe("");
  });

  it("filters by route, and keeps the filter in the address", async () => {
    const user = userEvent.setup({ delay: null });
    renderPage(<LatencyPage />);

    await user.click(await screen.findByRole("button", { name: "Filter by /client" }));

    expect(location.search).toBe("?route=%2Fclient");
    await waitFor(() =>
      expect(lastAsked("/logs/compare")?.searchParams.get("route")).toBe("/client"),
    );
  });

  it("holds the window against a target, and refuses one that makes no sense", async () => {
    const user = userEvent.setup({ delay: null });
    renderPage(<LatencyPage />);
    const ms = await screen.findByRole("textbox", { name: "Time in milliseconds" });

    await user.clear(ms);
    await user.type(ms, "0{Enter}");
    expect(screen.getByRole("alert")).toHaveTextContent("a time greater than zero");

    await user.clear(ms);
    await user.type(ms, "8,192{Enter}");
    expect(screen.getByTestId("latency-target")).toHaveTextContent(
      "95.23% within 8.19 ms: target missed",
    );
    expect(location.search).toBe("?slo=99_8.192");
  });

  it("opens a request with its trace, and closes it by going back", async () => {
    const user = userEvent.setup({ delay: null });
    const server = makeEntry(9, { facade: "server", method: "POST", route: "/clients/writes" });
    facade.use(
      http.get("*/logs", ({ request }) => {
        const trace = new URL(request.url).searchParams.get("trace");
        return HttpResponse.json(trace ? [server, makeEntry(1)] : [makeEntry(1)]);
      }),
    );
    renderPage(<LatencyPage />);

    await user.click(await screen.findByRole("button", { name: /^Open GET \/client/ }));

    const dialog = screen.getByRole("dialog", { name: "GET /client" });
    await waitFor(() => expect(within(dialog).getAllByTestId("trace-row")).toHaveLength(2));
    expect(dialog).toHaveTextContent("curl -i 'http://localhost:3000/client'");
    expect(location.search).toBe(`?entry=${makeEntry(1).id}`);
    await user.keyboard("{Escape}");
    await waitFor(() => expect(location.search).toBe(""));
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  });

  it("finds the request of an address by the time in its id", async () => {
    const old = makeEntry(500, { route: "/old" });
    facade.use(
      http.get("*/logs", ({ request }) => {
        const from = new URL(request.url).searchParams.get("from");
        return HttpResponse.json(from === "2026-07-01T12:08:20.000000Z" ? [old] : []);
      }),
    );
    history.replaceState(null, "", `/latency?entry=${old.id}`);
    renderPage(<LatencyPage />);

    expect(await screen.findByRole("dialog", { name: "GET /old" })).toBeInTheDocument();
  });

  it("says so when nothing was measured, and tells of what was dropped", async () => {
    const nothing = { count: 0, errors: 0, error_rate: 0, latency_us: null };
    const empty = makeComparison();
    facade.use(
      http.get("*/logs/compare", () =>
        HttpResponse.json({
          ...empty,
          total: { now: nothing, against: nothing, ratio: null, slowdown: 1 },
        }),
      ),
      http.get("*/logs", () => HttpResponse.json([])),
      http.get("*/logs/summary", () =>
        HttpResponse.json({ ...nothing, from: null, to: "", dropped: 17, groups: [] }),
      ),
      http.get("*/logs", () => HttpResponse.json([])),
    );
    renderPage(<LatencyPage />);

    expect(await screen.findByText("Nothing in this range")).toBeInTheDocument();
    expect(screen.getByTestId("latency-tile-p99")).toHaveTextContent("–");
    expect(await screen.findByText(/17 measurements were dropped/)).toBeInTheDocument();
  });

  it("tells when nobody answers, and tries again when asked to", async () => {
    const user = userEvent.setup({ delay: null });
    facade.use(
      http.get("*/logs/compare", () => HttpResponse.error(), { once: true }),
      http.get("*/logs/compare", () => HttpResponse.json(makeComparison())),
    );
    renderPage(<LatencyPage />);

    expect(await screen.findByText("The measurements could not be read.")).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Try again" }));

    expect(await screen.findByTestId("latency-tile-p99")).toBeInTheDocument();
  });
});
