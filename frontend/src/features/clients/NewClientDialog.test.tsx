import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { beforeEach, describe, expect, it } from "vitest";
import { drafts } from "@/core/drafts";
import { EMPTY_FORM } from "@/core/rules/client";
import { renderPage } from "@/test/render";
import { NewClientDialog } from "./NewClientDialog";

beforeEach(() => sessionStorage.clear());

function Page() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        New
      </button>
      <NewClientDialog open={open} onClose={() => setOpen(false)} onShow={() => {}} />
    </>
  );
}

function setUp() {
  renderPage(<Page />);
  const user = userEvent.setup({ delay: null });
  const press = async (name: string) => user.click(await screen.findByRole("button", { name }));
  return { user, press };
}

const nameField = () => screen.findByRole("textbox", { name: "Name" });

describe("the dialog of a new client", () => {
  it("asks before what was typed is lost, and then forgets it", async () => {
    const { user, press } = setUp();

    await press("New");
    await user.type(await nameField(), "Ana");
    await press("Cancel");
    expect(drafts.get("new")?.form.name).toBe("Ana");
    await press("Discard");

    expect(drafts.get("new")).toBeNull();
    await press("New");
    expect(await nameField()).toHaveValue("");
  });

  it("is open again with what was typed when the page was left", async () => {
    drafts.set("new", { form: { ...EMPTY_FORM, name: "Ana" }, loaded: null });
    const { press } = setUp();

    expect(await nameField()).toHaveValue("Ana");
    expect(screen.getByText("Recovered draft")).toBeInTheDocument();
    await press("Discard the draft");

    expect(await nameField()).toHaveValue("");
    expect(drafts.get("new")).toBeNull();
  });
});
