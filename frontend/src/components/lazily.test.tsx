import { render, screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { renderPage } from "@/test/render";
import { lazily } from "./lazily";

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
});
