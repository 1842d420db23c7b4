import { act, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Client } from "@/core/api/types";
import { deletions } from "@/core/deletions";
import { drafts } from "@/core/drafts";
import { contentOf, toForm } from "@/core/rules/client";
import { facade, problem } from "@/test/facade";
import { renderPage } from "@/test/render";
import { makeClient } from "@/test/samples";
import { ClientPanel } from "./ClientPanel";

const ana = makeClient(1, { name: "Ana", phone: "+5511987654321" });

beforeEach(() => sessionStorage.clear());

function open(...answers: (() => Response)[]) {
  let asked = 0;
  facade.use(
    http.get(
      "*/client",
      () => answers[Math.min(asked++, answers.length - 1)]?.() ?? problem(500, "none"),
    ),
  );
  const onDeleted = vi.fn();
  const guard = { mark: () => {}, leave: (action: () => void) => action(), question: null };
  renderPage(
    <ClientPanel
      id={ana.id}
      guard={guard}
      onClose={() => {}}
      onDeleted={onDeleted}
      onShow={() => {}}
    />,
  );
  return { onDeleted, user: userEvent.setup({ delay: null }) };
}

const here = (client: Client) => () => HttpResponse.json(client);
const button = (name: string) => screen.findByRole("button", { name });

describe("the panel of a client", () => {
  it("says that it is being read, then shows the client and what happened to it", async () => {
    open(here(ana));

    expect(screen.getByRole("status", { name: "Loading…" })).toBeInTheDocument();
    expect(await screen.findByRole("heading", { name: "Ana" })).toHaveFocus();
    expect(screen.getByRole("link", { name: "(11) 98765-4321" })).toBeInTheDocument();
    expect(await screen.findByText("No changes are kept in this branch.")).toBeInTheDocument();
  });

  it("says why a client can't be read, and reads again when asked", async () => {
    const { user } = open(() => HttpResponse.error(), here(ana));

    expect(await screen.findByText("This client could not be read.")).toBeInTheDocument();
    expect(screen.getByText(/No answer from this local server/)).toBeInTheDocument();
    await user.click(await button("Try again"));

    expect(await screen.findByRole("heading", { name: "Ana" })).toBeInTheDocument();
  });

  it("reads the history again when asked", async () => {
    facade.use(http.get("*/client/history", () => HttpResponse.error(), { once: true }));
    const { user } = open(here(ana));

    expect(await screen.findByText("The history could not be read.")).toBeInTheDocument();
    await user.click(await button("Try again"));

    expect(await screen.findByText("No changes are kept in this branch.")).toBeInTheDocument();
  });

  it.each([
    [404, "There is no client with this id."],
    [410, "This client was deleted."],
  ])("says what became of a client that is not there (%i)", async (status, told) => {
    open(() => problem(status, "gone"));

    expect(await screen.findByText(told)).toBeInTheDocument();
  });

  it("says that a change waits in this branch", async () => {
    open(here({ ...ana, pending: ["w"] }));

    expect((await screen.findAllByText(/Other branches don’t see it yet/))[0]).toBeInTheDocument();
  });

  it("gives up a client at once when it is deleted, and has it back when that is undone", async () => {
    const { user, onDeleted } = open(here(ana));

    await user.click(await button("Delete"));
    expect(onDeleted).toHaveBeenCalledOnce();
    expect(screen.getByText("This client is being deleted.")).toBeInTheDocument();
    act(() => deletions.undo(ana.id));

    expect(await screen.findByRole("heading", { name: "Ana" })).toBeInTheDocument();
    expect(screen.queryByTestId("toast")).not.toBeInTheDocument();
  });

  it("takes up an edit that was left, as it had been loaded, and lets go of it", async () => {
    const form = { ...toForm(contentOf(ana)), name: "Ana Lima" };
    drafts.set(ana.id, { form, loaded: ana });
    const { user } = open(here(ana));

    expect(await screen.findByRole("textbox", { name: "Name" })).toHaveValue("Ana Lima");
    await user.click(await button("Discard the draft"));

    expect(await button("Edit")).toBeInTheDocument();
    expect(drafts.get(ana.id)).toBeNull();
  });
});
