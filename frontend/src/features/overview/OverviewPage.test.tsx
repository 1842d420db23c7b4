import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import type { KnownFacade } from "@/core/api/types";
import { facade, problem } from "@/test/facade";
import { renderPage } from "@/test/render";
import { makeFacade } from "@/test/samples";
import OverviewPage from "./OverviewPage";

function setUp(facades: KnownFacade[]) {
  facade.use(http.get("*/facades", () => HttpResponse.json(facades)));
  renderPage(<OverviewPage />);
  return userEvent.setup({ delay: null });
}

const rows = () => screen.findAllByTestId("facade-row");

describe("the overview of the branches", () => {
  it("puts those first that need a look, and says what is the matter", async () => {
    setUp([
      makeFacade({ name: "centro" }),
      makeFacade({ name: "norte", outbox: { pending: 4, refused: 1, oldest_age_ms: 125_000 } }),
      makeFacade({ name: "sul", seen_age_ms: 3_600_000 }),
    ]);

    const [sul, norte, centro] = (await rows()) as [HTMLElement, HTMLElement, HTMLElement];
    expect(sul).toHaveTextContent(/^sul.*No news.*1 hr ago$/);
    expect(norte).toHaveTextContent(/Needs attention.*the oldest for 2 min.*1 refused/);
    expect(centro).toHaveTextContent(/In step.*90 µs \/ 1.2 ms.*60\/min/);
    expect(screen.getByTestId("overview-totals")).toHaveTextContent("1 in step2 to look at");
  });

  it("says how far a branch is behind the register", async () => {
    setUp([makeFacade({ behind: 1_200, lag_ms: 4_500, state: "syncing" })]);

    const [row] = await rows();
    expect(row).toHaveTextContent(/4.5 s.*1,200 changes behind/);
  });

  it("shows some of many branches, and finds any by its name", async () => {
    const many = Array.from({ length: 130 }, (_, i) => makeFacade({ name: `filial-${i}` }));
    const user = setUp(many);
    expect(await rows()).toHaveLength(40);

    await user.click(screen.getByRole("button", { name: "Show 40 more" }));
    expect(await rows()).toHaveLength(80);
    await user.type(screen.getByRole("searchbox"), "FILIAL-129");

    const [row, ...others] = await rows();
    expect(others).toEqual([]);
    expect(within(row as HTMLElement).getByRole("rowheader")).toHaveTextContent("filial-129");
  });

  it("says so when the server is away", async () => {
    facade.use(http.get("*/facades", () => problem(503, "server-away")));
    renderPage(<OverviewPage />);
    expect(await screen.findByText("The branches could not be read.")).toBeInTheDocument();
  });

  it("invites when there is no branch yet", async () => {
    setUp([]);
    expect(await screen.findByText("No branches yet")).toBeInTheDocument();
  });
});
