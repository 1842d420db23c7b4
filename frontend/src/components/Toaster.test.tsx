import { act, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { toasts } from "@/core/toasts";
import { renderPage } from "@/test/render";
import { toast } from "./Toaster";

beforeEach(() => vi.useFakeTimers({ shouldAdvanceTime: true }));
afterEach(() => {
  vi.useRealTimers();
  toasts.set([]);
});

const say = (...told: Parameters<typeof toast>) => act(() => void toast(...told));
const pass = (ms: number) => act(() => vi.advanceTimersByTime(ms));
const texts = () => screen.queryAllByTestId("toast").map((one) => one.textContent);
const user = () => userEvent.setup({ advanceTimers: vi.advanceTimersByTime });

describe("the toaster", () => {
  it("shows each for its own time, one under the other", () => {
    renderPage(null);

    say("Saved");
    pass(3_000);
    say("Created");
    expect(texts()).toEqual(["Saved", "Created"]);
    pass(3_000);

    expect(texts()).toEqual(["Created"]);
  });

  it("offers a way back while the time for it runs, and takes it once", async () => {
    const run = vi.fn();
    renderPage(null);

    say("Deleted", { action: { label: "Undo", run }, shown_ms: 10_000, onHold: () => {} });
    pass(3_000);
    expect(texts()).toEqual(["7DeletedUndo"]);
    await user().click(screen.getByRole("button", { name: "Undo" }));

    expect(run).toHaveBeenCalledOnce();
    expect(texts()).toEqual([]);
  });

  it("waits while it is pointed at, and takes what was done back by Ctrl+Z", async () => {
    const [run, onHold] = [vi.fn(), vi.fn()];
    const someone = user();
    renderPage(null);

    say("Deleted", { action: { label: "Undo", run }, shown_ms: 10_000, onHold });
    pass(1_000);
    expect(onHold).not.toHaveBeenCalled();
    await someone.hover(screen.getByTestId("toast"));
    pass(60_000);
    expect(texts()).toEqual(["DeletedUndo"]);
    expect(onHold).toHaveBeenLastCalledWith(true);
    await someone.unhover(screen.getByTestId("toast"));
    expect(onHold).toHaveBeenLastCalledWith(false);
    await someone.keyboard("{Control>}z{/Control}");

    expect(run).toHaveBeenCalledOnce();
    expect(texts()).toEqual([]);
  });

  it("lets the time run on when it is dismissed under the pointer", async () => {
    const onHold = vi.fn();
    renderPage(null);

    say("Deleted", { shown_ms: 10_000, onHold });
    await user().click(screen.getByRole("button", { name: "Dismiss" }));

    expect(texts()).toEqual([]);
    expect(onHold.mock.calls.flat().slice(-2)).toEqual([true, false]);
  });

  it("holds nothing when its time is over", () => {
    const onHold = vi.fn();
    renderPage(null);

    say("Deleted", { shown_ms: 10_000, onHold });
    pass(10_000);

    expect(texts()).toEqual([]);
    expect(onHold).not.toHaveBeenCalled();
  });

  it("keeps what went wrong until it is dismissed", async () => {
    renderPage(null);

    say("Not deleted", { tone: "bad" });
    pass(600_000);
    expect(screen.getByRole("alert")).toHaveTextContent("Not deleted");
    await user().click(screen.getByRole("button", { name: "Dismiss" }));

    expect(texts()).toEqual([]);
  });

  it("drops the oldest news when there is too much, but nothing that can still be undone", () => {
    renderPage(null);

    say("Deleted", { action: { label: "Undo", run: () => {} }, shown_ms: 10_000 });
    for (const text of ["One", "Two", "Three", "Four"]) say(text);

    expect(texts()).toEqual(["DeletedUndo", "Two", "Three", "Four"]);
  });
});
