import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { drafts } from "@/core/drafts";
import { EMPTY_FORM } from "@/core/rules/client";
import { facade, problem } from "@/test/facade";
import { renderPage } from "@/test/render";
import { makeClient } from "@/test/samples";
import { NewClientForm } from "./NewClientForm";

beforeEach(() => {
  sessionStorage.clear();
  facade.use(http.get("*/client", () => HttpResponse.json([])));
});

interface Sent {
  key: string;
  body: Record<string, unknown>;
}

/** The facade answers each POST with the next of these. */
function answering(...answers: ((sent: Sent) => Response)[]): Sent[] {
  const sent: Sent[] = [];
  facade.use(
    http.post("*/client", async ({ request }) => {
      const body = (await request.json()) as Sent["body"];
      const post = { key: request.headers.get("Idempotency-Key") ?? "", body };
      sent.push(post);
      return answers[sent.length - 1]?.(post) ?? HttpResponse.error();
    }),
  );
  return sent;
}

const created = ({ key }: Sent) =>
  new HttpResponse(null, { status: 201, headers: { Location: `/client?id=${key}` } });
const away = () => problem(503, "server-away");

function setUp() {
  const onShow = vi.fn();
  const guard = { mark: () => {}, leave: (action: () => void) => action(), question: null };
  renderPage(<NewClientForm guard={guard} onCancel={() => {}} onShow={onShow} />);
  return { onShow, user: userEvent.setup({ delay: null }) };
}

const field = (name: string) => screen.getByRole("textbox", { name });
const save = () => screen.getByTestId("save-client");

describe("the form of a new client", () => {
  it("says beside each field what is wrong, and sends nothing", async () => {
    const sent = answering();
    const { user } = setUp();

    await user.type(field("CPF or CNPJ"), "390.533.447-06");
    await user.type(field("E-mail"), "ana@");
    await user.click(save());

    expect(field("Name")).toHaveAccessibleDescription("Write the client’s name.");
    expect(field("CPF or CNPJ")).toHaveAccessibleDescription(/check digits don’t match/);
    expect(field("E-mail")).toBeInvalid();
    expect(field("Name")).toHaveFocus();
    expect(sent).toEqual([]);
  });

  it("sends what was filled in, with a key that becomes the client's id", async () => {
    const sent = answering(created);
    const { user, onShow } = setUp();

    await user.type(field("Name"), " Ana ");
    await user.type(field("CPF or CNPJ"), "39053344705");
    await user.click(save());

    await waitFor(() => expect(onShow).toHaveBeenCalledWith(sent[0]?.key));
    expect(sent[0]?.body).toEqual({ name: "Ana", document: "39053344705" });
    expect(sent[0]?.key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });

  it("shows a number as it will be written when its field is left", async () => {
    const { user } = setUp();

    await user.type(field("Phone"), "11987654321");
    await user.tab();

    expect(field("Phone")).toHaveValue("(11) 98765-4321");
  });

  it("puts the server's objections beside their fields, in words of its own for unknown codes", async () => {
    const errors = [
      { field: "phone", code: "phone-format", detail: "No." },
      { field: "email", code: "of-the-future", detail: "The domain takes no mail." },
    ];
    answering(() => problem(422, "invalid", { errors }));
    const { user } = setUp();

    await user.type(field("Name"), "Ana");
    await user.click(save());

    await waitFor(() => expect(field("Phone")).toBeInvalid());
    expect(field("Phone")).toHaveAccessibleDescription(/Not a valid phone number/);
    expect(field("E-mail")).toHaveAccessibleDescription("The domain takes no mail.");
  });

  it("leads to the client that has the document already", async () => {
    const holder = makeClient(1, { name: "Bento Neves" });
    answering(() => problem(409, "duplicate-document", { holder: holder.id }));
    facade.use(http.get("*/client", () => HttpResponse.json(holder)));
    const { user, onShow } = setUp();

    await user.type(field("Name"), "Ana");
    await user.click(save());
    await user.click(await screen.findByRole("link", { name: "Bento Neves" }));

    expect(onShow).toHaveBeenCalledWith(holder.id);
    expect(drafts.get("new")?.form.name).toBe("Ana");
  });

  it("keeps what was typed while the server is away, and tries again with the same key", async () => {
    const sent = answering(away, away, created);
    const { user, onShow } = setUp();

    await user.type(field("Name"), "Ana");
    await user.click(save());
    await user.click(await screen.findByRole("button", { name: "Try again" }));
    await waitFor(() => expect(sent).toHaveLength(2));
    expect(await screen.findByText("The server is away")).toBeInTheDocument();
    expect(field("Name")).toHaveValue("Ana");
    await user.type(field("Name"), " Lima");
    await user.click(save());

    await waitFor(() => expect(onShow).toHaveBeenCalled());
    expect(new Set(sent.map(({ key }) => key)).size).toBe(1);
    expect(sent[2]?.body).toEqual({ name: "Ana Lima" });
  });

  it("takes a new key after a verdict", async () => {
    const sent = answering(() => problem(409, "duplicate-document"), created);
    const { user, onShow } = setUp();

    await user.type(field("Name"), "Ana");
    await user.click(save());
    await waitFor(() => expect(field("CPF or CNPJ")).toBeInvalid());
    await user.click(save());

    await waitFor(() => expect(onShow).toHaveBeenCalled());
    expect(sent[0]?.key).not.toBe(sent[1]?.key);
  });

  it("tells when an attempt without an answer had arrived after all", async () => {
    const lost = () => HttpResponse.error();
    const sent = answering(lost, () => problem(422, "key-reused"));
    facade.use(http.get("*/client", () => HttpResponse.json(makeClient(1))));
    const { user, onShow } = setUp();

    await user.type(field("Name"), "Ana");
    await user.click(save());
    expect(await screen.findByText("No answer")).toBeInTheDocument();
    await user.type(field("Name"), " Lima");
    await user.click(save());
    await user.click(await screen.findByRole("button", { name: "Open the client" }));

    expect(onShow).toHaveBeenCalledWith(sent[0]?.key);
  });
});

describe("a likely duplicate", () => {
  it("is looked up once a number is whole, and only warned of", async () => {
    const asked: string[] = [];
    const brother = makeClient(1, { name: "Beto", phone: "+5511987654321" });
    facade.use(
      http.get("*/client", ({ request }) => {
        asked.push(new URL(request.url).searchParams.get("q") ?? "");
        return HttpResponse.json([brother]);
      }),
    );
    const sent = answering(created);
    const { user, onShow } = setUp();

    await user.type(field("Name"), "Ana");
    await user.type(field("Phone"), "11 98765-4321");
    expect(await screen.findByRole("link", { name: "Beto" })).toBeInTheDocument();
    expect(screen.getByTestId("duplicates")).toHaveTextContent("same phone: (11) 98765-4321");
    await user.click(screen.getByRole("button", { name: "Save all the same" }));

    await waitFor(() => expect(onShow).toHaveBeenCalledWith(sent[0]?.key));
    expect(asked).toEqual(["5511987654321"]);
  });

  it("with the same document is told before the server refuses it", async () => {
    const holder = makeClient(1, { name: "Beto", document: "39053344705" });
    facade.use(http.get("*/client", () => HttpResponse.json([holder])));
    const { user, onShow } = setUp();

    await user.type(field("CPF or CNPJ"), "390.533.447-05");
    await user.click(await screen.findByRole("link", { name: "Beto" }));

    expect(screen.getByText("This document is in the register already")).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Save all the same" })).not.toBeInTheDocument();
    expect(onShow).toHaveBeenCalledWith(holder.id);
  });

  it("is shown for a draft that was recovered", async () => {
    const brother = makeClient(1, { name: "Beto", phone: "+5511987654321" });
    facade.use(http.get("*/client", () => HttpResponse.json([brother])));
    const form = { ...EMPTY_FORM, name: "Ana", phone: "11987654321" };
    drafts.set("new", { form, loaded: null });

    setUp();

    expect(await screen.findByRole("link", { name: "Beto" })).toBeInTheDocument();
    expect(screen.getByText("Recovered draft")).toBeInTheDocument();
  });

  it("that can't be looked up holds nobody up", async () => {
    facade.use(http.get("*/client", () => problem(503, "not-ready")));
    const sent = answering(created);
    const { user, onShow } = setUp();

    await user.type(field("Name"), "Ana");
    await user.type(field("Phone"), "11 98765-4321");
    await user.click(save());

    await waitFor(() => expect(onShow).toHaveBeenCalledWith(sent[0]?.key));
  });
});
