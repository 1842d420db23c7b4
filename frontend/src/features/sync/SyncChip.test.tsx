import type { QueryClient } from "@tanstack/react-query";
import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { syncQuery } from "@/core/api/sync";
import type { SyncReport } from "@/core/api/types";
import { facade } from "@/test/facade";
import { renderPage } from "@/test/render";
import { position, syncReport } from "@/test/samples";
import { SyncBanner } from "./SyncBanner";
import { SyncChip } from "./SyncChip";

function setUp(answer: () => Response) {
  facade.use(http.get("*/sync", answer));
  return renderPage(
    <>
      <SyncChip />
      <SyncBanner />
    </>,
  );
}

/** What the feed of states does. */
function tell(cache: QueryClient, fields: Partial<SyncReport>) {
  cache.setQueryData(syncQuery.queryKey, syncReport(fields));
}

const waiting = (pending: number, refused = 0) => ({ pending, refused, oldest_age_ms: 1_000 });
const report = (fields: Partial<SyncReport>) => () => HttpResponse.json(syncReport(fields));
const chip = () => screen.getByTestId("sync-chip");

describe("the chip of the state", () => {
  it("says live, with the proof of being in step", async () => {
    const user = userEvent.setup({ delay: null });
    setUp(report({}));

    await user.click(await screen.findByRole("button", { name: "Sync: Live" }));

    const panel = within(screen.getByRole("dialog"));
    expect(await panel.findByTestId("sync-proof")).toHaveTextContent(
      /Identical.*at version 7, .* ago/,
    );
    expect(panel.getByText("In step")).toBeInTheDocument();
  });

  it("says how much is missing while syncing", async () => {
    const user = userEvent.setup({ delay: null });
    setUp(report({ state: "syncing", server_version: position(19) }));

    await user.click(await screen.findByRole("button", { name: "Sync: Syncing" }));

    expect(await screen.findByText("19 (12 behind)")).toBeInTheDocument();
  });

  it("says over the page what holds while the server is away, and how much waits", async () => {
    setUp(report({ state: "offline", server_version: null, lag_ms: null, outbox: waiting(2) }));

    expect(
      await screen.findByRole("button", { name: "Sync: Offline 2 to be sent, 0 to resolve" }),
    ).toHaveTextContent("Offline2");
    expect(screen.getByText(/is kept here and will be sent/)).toBeInTheDocument();
  });

  it("asks for attention when something was refused, and leads there", async () => {
    setUp(report({ outbox: waiting(5, 1) }));

    await waitFor(() => expect(chip()).toHaveAttribute("data-state-name", "error"));
    expect(chip()).toHaveTextContent("Attention1");
    expect(screen.getByRole("link", { name: "See and decide" })).toHaveAttribute("href", "/outbox");
  });

  it("does not claim to know anything when the branch itself is out of reach", async () => {
    facade.use(http.get("*/sync/changes", () => HttpResponse.error()));
    setUp(() => HttpResponse.error());

    await waitFor(() => expect(chip()).toHaveAccessibleName("Sync: No connection"));
    expect(screen.getByText(/it comes back by itself/)).toBeInTheDocument();
  });

  it("speaks when the state changes, and is silent when only a count does", async () => {
    const { cache } = setUp(report({ state: "offline", outbox: waiting(1) }));
    const spoken = () => screen.getAllByRole("status")[0]?.textContent;
    await waitFor(() => expect(spoken()).toBe("Sync: Offline"));

    act(() => tell(cache, { state: "offline", outbox: waiting(2) }));
    await waitFor(() => expect(chip()).toHaveTextContent("Offline2"));
    expect(spoken()).toBe("Sync: Offline");

    act(() => tell(cache, {}));
    await waitFor(() => expect(spoken()).toBe("Sync: Live"));
  });
});
