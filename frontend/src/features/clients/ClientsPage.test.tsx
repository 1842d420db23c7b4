import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { Route } from "wouter";
import { useLiveFeed } from "@/app/live";
import type { Client } from "@/core/api/types";
import { FakeEventSource } from "@/test/browser";
import { facade } from "@/test/facade";
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
  const { id, q = "", cursor } = Object.fromEntries(url.searchParams);
  if (id) {
    const client = register.find((one) => one.id === id);
    return HttpResponse.json(client ?? {}, { status: client ? 200 : 404 });
  }
  const matching = register.filter(({ name }) => name.includes(q));
  const from = cursor ? matching.findIndex((client) => client.id < cursor) : 0;
  const clients = matching.slice(from, from + PAGE);
  const more = from + PAGE < matching.length;
  const next = `</client?limit=100&order=desc&cursor=${clients.at(-1)?.id}>; rel="next"`;
  const headers = { "Clientela-Version": position(250), ...(more ? { Link: next } : {}) };
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
  renderPage(<Live />);
  await screen.findByText("Client 250");
  const feed = FakeEventSource.last as FakeEventSource;
  act(() => feed.say("control", { streamNextOffset: position(250), upToDate: true }));
  return { feed, user: userEvent.setup({ delay: null }) };
}

const rows = () => screen.getAllByTestId("client-row");

describe("the list of clients", () => {
  it("shows the newest first, only those in sight, and the number of all", async () => {
    await setUp();

    expect(rows()[0]).toHaveTextContent("Client 250");
    expect(rows().length).toBeLessThan(60);
    expect(await screen.findByText("12,345 clients")).toBeInTheDocument();
    expect(asked[0]).toBe("?limit=100&order=desc");
  });

  it("does not read the list again when the feed begins where the list was read", async () => {
    await setUp();

    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(asked.filter((search) => !search.includes("cursor"))).toHaveLength(1);
  });

  it("reads on with the cursor when the end comes near", async () => {
    const { user } = await setUp();
    screen.getByRole("link", { name: "Client 250" }).focus();

    await user.keyboard("{End}");

    await waitFor(() => expect(asked.at(-1)).toContain(`cursor=${makeClient(151).id}`));
  });

  it("shows what the feed brings: a new client, a change, a deletion", async () => {
    const { feed } = await setUp();
    const changes = [
      makeChange("insert", 251, makeClient(251, { name: "Zilda" })),
      makeChange("update", 252, makeClient(250, { phone: "+5511987654321" })),
      makeChange("delete", 253, makeClient(249)),
    ];

    act(() => feed.say("data", changes));

    await waitFor(() => expect(rows()[0]).toHaveTextContent("Zilda"));
    expect(rows()[1]).toHaveTextContent("(11) 98765-4321");
    expect(screen.queryByText("Client 249")).not.toBeInTheDocument();
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

  it("opens a client by keyboard beside the list, live, and closes it again", async () => {
    const { feed, user } = await setUp();
    screen.getByRole("link", { name: "Client 250" }).focus();

    await user.keyboard("{ArrowDown}{Enter}");
    expect(await screen.findByRole("heading", { name: "Client 249" })).toHaveFocus();
    expect(location.pathname).toBe(`/clients/${makeClient(249).id}`);

    act(() => feed.say("data", [makeChange("update", 251, makeClient(249, { name: "Renamed" }))]));
    expect(await screen.findByRole("heading", { name: "Renamed" })).toBeInTheDocument();

    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("complementary")).not.toBeInTheDocument());
    expect(location.pathname).toBe("/");
  });
});
