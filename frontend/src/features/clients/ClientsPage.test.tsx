import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { Route } from "wouter";
import { useLiveFeed } from "@/app/live";
import type { Client } from "@/core/api/types";
import { feedStatus } from "@/core/live/clientCache";
import { facade } from "@/test/facade";
import { LiveFeed } from "@/test/liveFeed";
import { renderPage } from "@/test/render";
import { makeChange, makeClient, position } from "@/test/samples";
import { ClientsPage } from "./ClientsPage";

const PAGE = 100;
let register: Client[];
let asked: string[];

beforeEach(() => {
  asked = [];
  register = Array.from({ length: 250 }, (_, i) => makeClient(250 - i));
  facade.use(http.get("*/client", ({ request }) => answer(new URL(request.url))));
});

function answer(url: URL) {
  asked.push(url.search);
  const { id, q = "", skip = "0", sort, order } = Object.fromEntries(url.searchParams);
  if (id) {
    const client = register.find((one) => one.id === id);
    return HttpResponse.json(client ?? {}, { status: client ? 200 : 404 });
  }
  const matching = register.filter(({ name }) => name.includes(q));
  if (sort === "name") matching.sort((a, b) => a.name.localeCompare(b.name));
  if (sort === "name" && order === "desc") matching.reverse();
  const clients = matching.slice(Number(skip), Number(skip) + PAGE);
  const headers = {
    "Clientela-Version": register[0]?.version ?? position(0),
    "Clientela-Count": String(matching.length),
  };
  return HttpResponse.json(clients, { headers });
}

function Live() {
  useLiveFeed();
  return (
    <Route path={/^\/(?:clients\/(?<id>[^/]+))?$/}>
      {(params: { id?: string }) => <ClientsPage id={params.id ?? null} />}
    </Route>
  );
}

async function setUp() {
  const feed = new LiveFeed("/client/changes", position(250));
  facade.use(feed.handler);
  renderPage(<Live />);
  await screen.findByText("Client 250");
  await waitFor(() => expect(feedStatus.get()).toBe("live"));
  return { feed, user: userEvent.setup({ delay: null }) };
}

const rows = () => screen.getAllByTestId("client-row");

describe("the list of clients", () => {
  it("shows the newest first, only those in sight, and the number of all", async () => {
    await setUp();

    expect(rows()[0]).toHaveTextContent("Client 250");
    expect(rows().length).toBeLessThan(60);
    expect(await screen.findByText("250 clients")).toBeInTheDocument();
    expect(asked[0]).toBe("?limit=100&skip=0&sort=id&order=desc");
  });

  it("does not read the list again when the feed begins where the list was read", async () => {
    await setUp();

    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(asked).toHaveLength(1);
  });

  it("reads the pages that one looks at, and the last row takes the focus", async () => {
    const { user } = await setUp();
    screen.getByRole("link", { name: "Client 250" }).focus();

    await user.keyboard("{Control>}{End}{/Control}");

    await waitFor(() => expect(screen.getByRole("link", { name: "Client 1" })).toHaveFocus());
    expect(asked.at(-1)).toContain("skip=200");
  });

  it("shows what the feed brings: a new client, a change, a deletion", async () => {
    const { feed } = await setUp();
    const changes = [
      makeChange("insert", 251, makeClient(251, { name: "Zilda" })),
      makeChange("update", 252, makeClient(250, { phone: "+5511987654321" })),
      makeChange("delete", 253, makeClient(249)),
    ];
    const [changed] = register;
    register = [
      makeClient(251, { name: "Zilda" }),
      { ...(changed as Client), phone: "+5511987654321" },
      ...register.slice(2),
    ];

    act(() => feed.say(changes, position(253)));

    await waitFor(() => expect(rows()[0]).toHaveTextContent("Zilda"));
    expect(rows()[1]).toHaveTextContent("(11) 98765-4321");
    await waitFor(() => expect(screen.queryByText("Client 249")).not.toBeInTheDocument());
  });

  it("is sorted by a press on a column, and turned round by another; the address says so", async () => {
    const { user } = await setUp();

    await user.click(screen.getByRole("button", { name: "Name" }));
    await waitFor(() => expect(rows()[0]).toHaveTextContent("Client 1"));
    expect(location.search).toBe("?sort=name");
    const column = screen.getByRole("columnheader", { name: "Name" });
    expect(column).toHaveAttribute("aria-sort", "ascending");

    await user.click(screen.getByRole("button", { name: "Name" }));
    await waitFor(() => expect(rows()[0]).toHaveTextContent("Client 99"));
    expect(location.search).toBe("?sort=name&order=desc");
  });

  it("can be narrowed to what waits", async () => {
    const { user } = await setUp();

    await user.click(screen.getByTestId("view-menu"));
    await user.click(await screen.findByRole("menuitemradio", { name: "Waiting to be sent" }));

    await waitFor(() => expect(asked.at(-1)).toContain("sync=pending"));
    expect(location.search).toBe("?sync=pending");
  });

  it("can be narrowed by keyboard alone, also before the menu was fetched", async () => {
    const { user } = await setUp();

    act(() => screen.getByTestId("view-menu").focus());
    await user.keyboard("{Enter}");

    expect(await screen.findByRole("menu")).toBeInTheDocument();
  });

  it("searches while one types, once for what was typed, and keeps it in the address", async () => {
    const { user } = await setUp();

    await user.keyboard("/");
    await user.keyboard("Client 24");
    await waitFor(() => expect(rows()).toHaveLength(11));

    expect(location.search).toBe("?q=Client+24");
    expect(asked.filter((search) => search.includes("q=")).length).toBe(1);
    expect(within(rows()[0] as HTMLElement).getAllByText("24", { selector: "mark" })).toHaveLength(
      1,
    );
  });

  it("says so when nobody is found", async () => {
    const { user } = await setUp();

    await user.type(screen.getByTestId("search"), "xyz");

    expect(await screen.findByText("Nobody found")).toBeInTheDocument();
  });

  it("leaves a client out that is being deleted, and has it back when that is undone", async () => {
    const { user } = await setUp();

    await user.click(screen.getByRole("link", { name: "Client 249" }));
    await user.click(await screen.findByRole("button", { name: "Delete" }));

    await waitFor(() => expect(rows()[1]).toHaveTextContent("Client 248"));
    expect(rows()[0]).toHaveTextContent("Client 250");
    await user.click(screen.getByRole("button", { name: /^Undo/ }));
    await waitFor(() => expect(rows()[1]).toHaveTextContent("Client 249"));
  });

  it("opens a client by keyboard beside the list, live, and closes it again", async () => {
    const { feed, user } = await setUp();
    screen.getByRole("link", { name: "Client 250" }).focus();

    await user.keyboard("{ArrowDown}{Enter}");
    expect(await screen.findByRole("heading", { name: "Client 249" })).toHaveFocus();
    expect(location.pathname).toBe(`/clients/${makeClient(249).id}`);

    const renamed = makeClient(249, { name: "Renamed" });
    act(() => feed.say([makeChange("update", 251, renamed)], position(251)));
    expect(await screen.findByRole("heading", { name: "Renamed" })).toBeInTheDocument();

    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("complementary")).not.toBeInTheDocument());
    expect(location.pathname).toBe("/");
  });
});
