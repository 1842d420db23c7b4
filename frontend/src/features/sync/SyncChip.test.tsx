import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { facade } from "@/test/facade";
import { renderPage } from "@/test/render";
import { position, syncReport } from "@/test/samples";
import { SyncBanner } from "./SyncBanner";
import { SyncChip } from "./SyncChip";

function setUp(answer: () => Response) {
  facade.use(http.get("*/sync", answer));
  renderPage(
    <>
      <SyncChip />
      <SyncBanner />
    </>,
  );
}

describe("the chip of the state", () => {
  it("says live with its particulars", async () => {
    const user = userEvent.setup({ delay: null });
    setUp(() => HttpResponse.json(syncReport()));

    await user.click(await screen.findByRole("button", { name: "Sync: Live" }));

    expect(screen.getByRole("dialog")).toHaveTextContent("identical to the server");
    expect(screen.getByRole("dialog")).toHaveTextContent("3 ms");
  });

  it("says how much is missing while syncing", async () => {
    const user = userEvent.setup({ delay: null });
    setUp(() => HttpResponse.json(syncReport({ state: "syncing", server_version: position(19) })));

    await user.click(await screen.findByRole("button", { name: "Sync: Syncing" }));

    expect(screen.getByRole("dialog")).toHaveTextContent("19 (12 behind)");
  });

  it("warns over the page that the copy may be old when the server is away", async () => {
    setUp(() =>
      HttpResponse.json(syncReport({ state: "offline", server_version: null, lag_ms: null })),
    );

    expect(await screen.findByRole("button", { name: "Sync: Server away" })).toBeInTheDocument();
    expect(screen.getByText(/it may not be the newest/)).toBeInTheDocument();
  });

  it("does not claim to know anything when the branch itself is out of reach", async () => {
    setUp(() => HttpResponse.error());

    await waitFor(() =>
      expect(screen.getByTestId("sync-chip")).toHaveAccessibleName("Sync: No connection"),
    );
  });
});
