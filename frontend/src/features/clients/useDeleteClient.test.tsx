import { act, screen } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { afterEach, describe, expect, it } from "vitest";
import type { Client, Receipt, Write } from "@/core/api/types";
import { deletions } from "@/core/deletions";
import { toasts } from "@/core/toasts";
import { facade, problem } from "@/test/facade";
import { renderPage } from "@/test/render";
import { makeClient } from "@/test/samples";
import { useDeleteClient, useDeleting } from "./useDeleteClient";

afterEach(() => toasts.set([]));

function DeleteButton({ client }: { client: Client }) {
  const remove = useDeleteClient(() => {});
  const hidden = useDeleting().has(client.id);
  return (
    <button type="button" onClick={() => remove(client)}>
      {hidden ? "hidden" : "shown"}
    </button>
  );
}

/** Deletes a client and leaves the page; the facade answers with this. */
function leave(n: number, answer: (write: Write) => Response) {
  facade.use(
    http.post("*/client/writes", async ({ request }) => {
      const [write] = (await request.json()) as [Write];
      return answer(write);
    }),
  );
  renderPage(<DeleteButton client={makeClient(n, { name: "Ana" })} />);
  act(() => screen.getByText("shown").click());
  expect(screen.getByText("hidden")).toBeInTheDocument();
  act(() => void deletions.sendAll());
}

const receipt = (outcome: Receipt["outcome"], reason?: object) => (write: Write) =>
  HttpResponse.json([{ ...write, outcome, reason }]);

describe("deleting a client", () => {
  it("tells what is kept in this branch while the server is away", async () => {
    leave(1, receipt("pending"));

    expect(await screen.findByText(/deletion of Ana is kept in this branch/)).toBeInTheDocument();
    expect(screen.getByText("hidden")).toBeInTheDocument();
  });

  it.each([
    [
      "changed meanwhile",
      receipt("refused", { code: "conflict", conflicts: [{ field: "name" }] }),
      /changed meanwhile/,
    ],
    ["without an answer", () => HttpResponse.error(), /isn’t known whether this arrived/],
    ["too busy", () => problem(503, "overloaded"), /too busy/],
  ])("brings a client back and says why: %s", async (_, answer, told) => {
    leave(2, answer);

    const notice = await screen.findByRole("alert");
    expect(notice).toHaveTextContent(/Ana was not deleted\./);
    expect(notice).toHaveTextContent(told);
    expect(screen.getByText("shown")).toBeInTheDocument();
  });
});
