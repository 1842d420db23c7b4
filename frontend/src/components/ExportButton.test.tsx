import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { delay, HttpResponse, http } from "msw";
import { expect, it, vi } from "vitest";
import { facade, problem } from "@/test/facade";
import { renderPage } from "@/test/render";
import { ExportButton } from "./ExportButton";

const button = () =>
  screen.findByRole("button", { name: "Export the clients of this list as CSV" });

function pickFile() {
  const file = { write: vi.fn(), close: vi.fn(), abort: vi.fn(async () => {}) };
  const picker = vi.fn(async () => ({ createWritable: async () => file }));
  vi.stubGlobal("showSaveFilePicker", picker);
  return { file, picker };
}

it("writes into the file that was chosen, as it comes", async () => {
  const { file, picker } = pickFile();
  facade.use(http.get("*/client", () => new HttpResponse("id,name\r\n1,Ana\r\n")));
  renderPage(<ExportButton query="q=ana" />);

  await userEvent.click(await button());

  expect(await screen.findByText("1 client exported")).toBeVisible();
  expect(picker).toHaveBeenCalledWith(
    expect.objectContaining({
      suggestedName: expect.stringMatching(/^clients-\d{4}-\d\d-\d\d\.csv$/),
    }),
  );
  expect(file.close).toHaveBeenCalledOnce();
});

it("says when it did not finish, and leaves no file", async () => {
  const { file } = pickFile();
  facade.use(http.get("*/client", () => problem(503, "not-ready")));
  renderPage(<ExportButton query="" />);

  await userEvent.click(await button());

  expect(await screen.findByRole("alert")).toHaveTextContent("did not finish");
  expect(file.abort).toHaveBeenCalledOnce();
});

it("can be cancelled without a complaint", async () => {
  const { file } = pickFile();
  facade.use(http.get("*/client", () => delay("infinite")));
  renderPage(<ExportButton query="" />);
  await userEvent.click(await button());

  await userEvent.click(await screen.findByRole("button", { name: "Cancel the export" }));

  expect(await button()).toBeVisible();
  expect(screen.queryByRole("alert")).toBeNull();
  expect(file.abort).toHaveBeenCalledOnce();
});

it("does nothing when no file was chosen", async () => {
  vi.stubGlobal("showSaveFilePicker", () => Promise.reject(new DOMException("", "AbortError")));
  renderPage(<ExportButton query="" />);

  await userEvent.click(await button());

  expect(await button()).toBeVisible();
});
