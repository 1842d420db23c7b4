import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { LogEntry, LogSummary } from "@/core/api/types";
import { facade } from "@/test/facade";
import { renderPage } from "@/test/render";
import LatencyPage from "./LatencyPage";

vi.mock("./PercentileChart", () => ({ default: () => <div>chart</div> })); // jsdom has no canvas

const latency_us = {
  p50: 85,
  p75: 90,
  p90: 400,
  p95: 1_250,
  p99: 12_540,
  p99_9: 20_000,
  max: 1_500_000,
  mean: 300,
};
const measured = { count: 1_234, errors: 3, error_rate: 0.0024, latency_us };
const summary: LogSummary = {
  from: "2026-07-01T12:00:00Z",
  to: "2026-07-01T12:05:00Z",
  ...measured,
  dropped: 0,
};
const entry: LogEntry = {
  id: "1",
  time: "2026-07-01T12:00:00.000000Z",
  facade: "matriz",
  method: "GET",
  route: "/client",
  status: 503,
  latency_us: 85,
  parts: { db: 40 },
  bytes: 1_530,
  trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
  lag_ms: 0,
  outbox: 0,
  error: null,
};
let asked: URL[];

beforeEach(() => {
  asked = [];
  facade.use(
    http.get("*/logs/summary", ({ request }) => {
      const url = new URL(request.url);
      asked.push(url);
      const key = url.searchParams.get("by") === "route" ? "/client" : summary.from;
      return HttpResponse.json({ ...summary, groups: [{ key, ...measured }] });
    }),
    http.get("*/logs", () => HttpResponse.json([entry])),
  );
  history.replaceState(null, "", "/latency");
});

describe("the latency page", () => {
  it("gives its figures in sensible units, with the language's decimals", async () => {
    localStorage.setItem("clientela.language", "pt-BR");
    renderPage(<LatencyPage />);

    expect(await screen.findByTestId("latency-tile-p50")).toHaveTextContent("85 µs");
    expect(screen.getByTestId("latency-tile-p95")).toHaveTextContent("1,25 ms");
    expect(screen.getByTestId("latency-tile-p99")).toHaveTextContent("12,5 ms");
    expect(screen.getByTestId("latency-tile-max")).toHaveTextContent("1,5 s");
    expect(screen.getByTestId("latency-tile-errors")).toHaveTextContent("0,24%");
  });

  it("lists single requests", async () => {
    renderPage(<LatencyPage />);

    expect(await screen.findByTestId("log-row")).toHaveTextContent(
      /GET \/client.*503.*85 µs.*1.5 kB/,
    );
  });

  it("shows the chart as a table on demand", async () => {
    const user = userEvent.setup({ delay: null });
    renderPage(<LatencyPage />);

    await user.click(await screen.findByRole("button", { name: "Show as table" }));

    expect(screen.getByRole("table", { name: "Percentiles over time" })).toHaveTextContent(
      "12.5 ms",
    );
  });

  it("filters by route, and keeps the filter in the address", async () => {
    const user = userEvent.setup({ delay: null });
    renderPage(<LatencyPage />);

    await user.click(await screen.findByRole("button", { name: "Filter by route /client" }));

    expect(location.search).toBe("?route=%2Fclient");
    await vi.waitFor(() => expect(asked.at(-1)?.searchParams.get("route")).toBe("/client"));
  });

  it("says so when nothing was measured, and tells of what was dropped", async () => {
    facade.use(
      http.get("*/logs/summary", () =>
        HttpResponse.json({ ...summary, count: 0, latency_us: null, dropped: 17, groups: [] }),
      ),
    );
    renderPage(<LatencyPage />);

    expect(await screen.findByText("Nothing in this range")).toBeInTheDocument();
    expect(screen.getByTestId("latency-tile-p99")).toHaveTextContent("–");
    expect(screen.getByText(/17 measurements were dropped/)).toBeInTheDocument();
  });
});
