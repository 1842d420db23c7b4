import { fireEvent, render, screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { renderPage } from "@/test/render";
import { lazily, useLazyMenu } from "./lazily";

interface MenuProps {
  open: boolean;
  onOpen: (open: boolean) => void;
}

const Part = ({ name }: { name: string }) => <p>Part of {name}</p>;

describe("what is fetched when it is wanted", () => {
  it("stands aside until it is there", async () => {
    const Lazy = lazily(async () => Part);

    render(<Lazy name="Ana" waiting={<p>A moment</p>} />);

    expect(screen.getByText("A moment")).toBeInTheDocument();
    expect(await screen.findByText("Part of Ana")).toBeInTheDocument();
  });

  it("is there at once when it was fetched before", async () => {
    const load = vi.fn(async () => Part);
    const Lazy = lazily(load);
    Lazy.prefetch();
    await load.mock.results[0]?.value;

    render(<Lazy name="Ana" />);

    expect(screen.getByText("Part of Ana")).toBeInTheDocument();
    expect(load).toHaveBeenCalledOnce();
  });

  it("says in its place that it could not be fetched", async () => {
    const Lazy = lazily<{ name: string }>(() => Promise.reject(new Error("gone")));
    Lazy.prefetch();

    renderPage(<Lazy name="Ana" />);

    expect(await screen.findByRole("alert")).toHaveTextContent("could not be loaded");
    expect(screen.getByRole("button", { name: "Reload the page" })).toBeInTheDocument();
  });

  it("is a menu whose button stays when it could not be fetched, and tries again", async () => {
    const load = vi.fn(async () => ({ open }: MenuProps) => <p>{open ? "open" : "closed"}</p>);
    load.mockRejectedValueOnce(new Error("gone")).mockRejectedValueOnce(new Error("gone"));
    const Menu = lazily<MenuProps>(load);
    const Settings = () => {
      const { open, setOpen, standIn } = useLazyMenu(Menu);
      const button = <button {...standIn}>Settings</button>;
      return <Menu open={open} onOpen={setOpen} waiting={button} failed={button} />;
    };
    renderPage(<Settings />);
    const press = () => fireEvent.click(screen.getByRole("button", { name: "Settings" }));

    press();
    expect(await screen.findByRole("alert")).toHaveTextContent("This menu could not be loaded.");
    press();

    expect(await screen.findByText("open")).toBeInTheDocument();
  });
});
