"""One client in a real browser: registered, changed, deleted and brought back, printed."""

import re
import uuid

import httpx
import pytest
from playwright.sync_api import expect

UNDO_MS = 10_000


def created(branch, **fields):
    """Create a client at a branch; gives its id."""
    answer = httpx.post(f"{branch}/client", json=fields)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"].partition("id=")[2]


def changed(server, client_id, **fields):
    assert httpx.patch(f"{server}/clients/{client_id}", json=fields).status_code == 200


def living(server, client_id):
    return httpx.get(f"{server}/clients/{client_id}").status_code == 200


def name():
    """Give a name that no other test has."""
    return f"Ana {uuid.uuid4().hex[:12]}"


def writes_of(page):
    """Collect the writes that a page sends from now on."""
    sent = []
    page.on("request", lambda r: "/client/writes" in r.url and sent.append(r.post_data_json))
    return sent


def heading(page, text):
    return page.get_by_role("heading", name=text)


def field(page, label):
    return page.get_by_test_id("client-form").get_by_label(re.compile(f"^{label}"))


def button(page, label):
    return page.get_by_role("button", name=re.compile(f"^{label}"))


def more(page, label):
    button(page, "More actions").click()
    page.get_by_role("menuitem", name=re.compile(f"^{label}")).click()


def merge_with(page, text):
    more(page, "Merge")
    page.get_by_role("searchbox", name="Find the other record").fill(text)
    page.get_by_role("list", name="Records found").get_by_role("button", name=text).click()
    expect(page.get_by_test_id("merge-form")).to_be_visible()


def test_a_client_is_registered_with_the_keyboard_alone(addresses, open_page):
    server, matriz, _ = addresses
    page = open_page(matriz)
    expect(page.get_by_test_id("new-client")).to_be_visible()

    page.keyboard.press("n")
    expect(field(page, "Name")).to_be_focused()
    page.keyboard.type("Bento Neves")
    page.keyboard.press("Tab")
    page.keyboard.type("52998224725")
    page.keyboard.press("Tab")
    page.keyboard.type("11 98765-1000")
    expect(field(page, "CPF or CNPJ")).to_have_value("529.982.247-25")
    page.keyboard.press("Tab")
    expect(field(page, "Phone")).to_have_value("(11) 98765-1000")
    page.keyboard.press("Enter")

    expect(heading(page, "Bento Neves")).to_be_focused()
    client_id = page.url.rpartition("/")[2]
    assert httpx.get(f"{server}/clients/{client_id}").json()["phone"] == "+5511987651000"


def test_a_deletion_that_is_undone_was_never_sent(addresses, open_page):
    server, matriz, _ = addresses
    client = created(matriz, name=name())
    page = open_page(f"{matriz}/clients/{client}")
    sent = writes_of(page)
    expect(button(page, "Delete")).to_be_visible()
    page.clock.install()

    button(page, "Delete").click()
    expect(button(page, "Delete")).to_have_count(0)
    page.get_by_test_id("toast").get_by_role("button", name="Undo").click()
    page.clock.run_for(2 * UNDO_MS)

    expect(page.get_by_test_id("toast")).to_have_count(0)
    assert sent == []
    assert living(server, client)


def test_the_count_leaves_out_who_is_being_deleted(addresses, open_page):
    _, matriz, _ = addresses
    surname = uuid.uuid4().hex[:12]
    for first in ("Ana", "Bia"):
        client = created(matriz, name=f"{first} {surname}")
    page = open_page(f"{matriz}/clients/{client}?q={surname}")
    expect(page.get_by_text("2 results", exact=True)).to_be_visible()
    page.clock.install()

    button(page, "Delete").click()

    expect(page.get_by_text("1 result", exact=True)).to_be_visible()
    expect(page.get_by_test_id("client-row")).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(page.get_by_text("2 results", exact=True)).to_be_visible()


def test_a_menu_that_was_not_fetched_keeps_its_button_and_is_tried_again(addresses, open_page):
    _, matriz, _ = addresses
    page = open_page(f"{matriz}/livez")  # nothing of the pages is there yet
    page.context.route("**/SettingsMenu*", lambda route: route.abort())
    page.goto(matriz)
    menu = page.get_by_role("button", name="Preferences")

    menu.click()
    notice = page.get_by_role("alert").filter(has_text="This menu could not be loaded.")
    expect(notice).to_have_count(1)
    expect(notice.get_by_role("button", name="Reload the page")).to_be_visible()
    page.context.unroute("**/SettingsMenu*")
    menu.click()

    expect(page.get_by_role("menu")).to_be_visible()


def test_a_deletion_is_sent_when_its_time_is_over(addresses, open_page):
    server, matriz, _ = addresses
    client = created(matriz, name=name(), phone="11987651001")
    page = open_page(f"{matriz}/clients/{client}")
    expect(button(page, "Delete")).to_be_visible()
    page.clock.install()

    button(page, "Delete").click()
    with page.expect_response(lambda answer: "/client/writes" in answer.url) as answer:
        page.clock.run_for(UNDO_MS)

    (receipt,) = answer.value.json()
    assert receipt["outcome"] == "accepted"
    assert not living(server, client)
    expect(page.get_by_test_id("toast")).to_have_count(0)


def test_a_deletion_is_sent_when_the_page_is_left(addresses, open_page):
    server, matriz, filial = addresses
    client = created(matriz, name=name())
    page, there = open_page(f"{matriz}/clients/{client}"), open_page(f"{filial}/clients/{client}")
    expect(button(there, "Edit")).to_be_visible()

    button(page, "Delete").click()
    page.goto(f"{matriz}/latency")

    expect(there.get_by_text("This client was deleted.")).to_be_visible()
    assert not living(server, client)


def test_a_client_that_changed_meanwhile_is_not_deleted_and_that_is_said(addresses, open_page):
    server, matriz, _ = addresses
    ana = name()
    client = created(matriz, name=ana)
    page = open_page(f"{matriz}/clients/{client}")
    expect(button(page, "Delete")).to_be_visible()
    page.clock.install()

    button(page, "Delete").click()
    changed(server, client, notes="She is coming tomorrow.")
    page.clock.run_for(UNDO_MS)

    notice = page.get_by_role("alert").filter(has_text=f"{ana} was not deleted.")
    expect(notice).to_contain_text("changed meanwhile")
    page.clock.run_for(6 * UNDO_MS)
    notice.get_by_role("button", name="Look at the client").click()
    expect(heading(page, ana)).to_be_visible()
    expect(page.get_by_text("She is coming tomorrow.").first).to_be_visible()
    assert living(server, client)


def test_a_likely_duplicate_is_shown_before_it_is_saved_and_hinders_nobody(addresses, open_page):
    _, matriz, _ = addresses
    ana = name()
    known = created(matriz, name=ana, phone="11987651004")
    page = open_page(matriz)

    page.get_by_test_id("new-client").click()
    field(page, "Name").fill(ana.upper())
    field(page, "Phone").fill("+55 11 98765-1004")
    found = page.get_by_test_id("duplicates")
    expect(found.get_by_role("link", name=ana)).to_have_attribute("href", f"/clients/{known}")
    expect(found).to_contain_text("same name and phone")
    button(page, "Save all the same").click()

    expect(page.get_by_test_id("client-form")).to_have_count(0)
    expect(heading(page, ana.upper())).to_be_visible()


def test_what_was_typed_survives_a_reload(addresses, open_page):
    _, matriz, _ = addresses
    page = open_page(matriz)
    page.get_by_test_id("new-client").click()
    field(page, "Name").fill("Half a na")

    page.reload()

    expect(page.get_by_text("Recovered draft")).to_be_visible()
    expect(field(page, "Name")).to_have_value("Half a na")
    button(page, "Discard the draft").click()
    expect(field(page, "Name")).to_have_value("")
    page.reload()
    expect(page.get_by_test_id("new-client")).to_be_visible()
    expect(page.get_by_test_id("client-form")).to_have_count(0)


def test_an_edit_that_survived_a_reload_still_finds_its_conflicts(addresses, open_page):
    server, matriz, _ = addresses
    client = created(matriz, name=name(), notes="old")
    page = open_page(f"{matriz}/clients/{client}")
    button(page, "Edit").click()
    field(page, "Notes").fill("mine")

    changed(server, client, notes="theirs")
    page.reload()
    expect(page.get_by_text("Recovered draft")).to_be_visible()
    expect(field(page, "Notes")).to_have_value("mine")
    page.get_by_test_id("save-client").click()

    expect(page.get_by_role("radio", name=re.compile("theirs"))).to_be_visible()
    page.get_by_test_id("save-client").click()
    expect(page.get_by_test_id("client-form")).to_have_count(0)
    assert httpx.get(f"{server}/clients/{client}").json()["notes"] == "mine"
    page.reload()
    expect(button(page, "Edit")).to_be_visible()


def test_forms_do_without_storage_that_is_switched_off(addresses, open_page):
    _, matriz, _ = addresses
    page = open_page(matriz)
    page.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', { get() { throw new Error('off'); } })"
    )
    page.reload()
    ana = name()

    page.get_by_test_id("new-client").click()
    field(page, "Name").fill(ana)
    page.get_by_test_id("save-client").click()

    expect(heading(page, ana)).to_be_visible()


def test_a_client_is_printed_alone_on_white(addresses, open_page):
    _, matriz, _ = addresses
    ana = name()
    fields = {"phone": "11987651005", "email": "ana@example.com", "notes": "One\nTwo"}
    client = created(matriz, name=ana, **fields)
    page = open_page(f"{matriz}/clients/{client}")
    page.emulate_media(color_scheme="dark")
    page.evaluate("window.print = () => { document.body.dataset.printed = 'yes'; }")
    more(page, "Print")
    expect(page.locator("body[data-printed=yes]")).to_be_attached()

    page.emulate_media(media="print", color_scheme="dark")

    sheet = page.get_by_test_id("print-sheet")
    expect(sheet).to_be_visible()
    for text in (ana, "(11) 98765-1005", "ana@example.com", client):
        expect(sheet).to_contain_text(text)
    expect(page.locator("#root")).to_be_hidden()
    expect(page.locator("html")).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(sheet).to_have_css("color", "rgb(0, 0, 0)")
    page.emulate_media(media="screen")
    expect(sheet).to_be_hidden()


def panel(page, _client):
    expect(page.get_by_role("heading", name="History")).to_be_visible()


def edit_form(page, _client):
    button(page, "Edit").click()
    field(page, "CPF or CNPJ").fill("390.533.447-06")
    field(page, "Phone").fill("11987651006")
    expect(page.get_by_test_id("duplicates")).to_be_visible()


def new_dialog(page, _client):
    page.keyboard.press("n")
    field(page, "Phone").fill("11987651006")
    expect(page.get_by_test_id("duplicates")).to_be_visible()


def merge_dialog(page, client):
    merge_with(page, client)


def undo_toast(page, _client):
    button(page, "Delete").click()
    expect(page.get_by_test_id("toast")).to_be_visible()


@pytest.fixture
def pair(addresses):
    """Give the id of a client with long fields, and the name of another like it."""
    _, matriz, _ = addresses
    other = name()
    created(matriz, name=other, phone="11987651006", notes="Two")
    return created(matriz, name=name(), notes="One", email=f"{'long' * 12}@example.com"), other


PARTS = [panel, edit_form, new_dialog, merge_dialog, undo_toast]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("part", PARTS)
def test_nothing_bars_the_way_of_anybody(addresses, pair, open_page, axe, part, scheme):
    _, matriz, _ = addresses
    client, other = pair
    page = open_page(f"{matriz}/clients/{client}")
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    expect(page.locator(f"html[data-theme={scheme}]")).to_be_attached()
    expect(button(page, "Edit")).to_be_visible()

    part(page, other)

    assert axe(page) == []


@pytest.mark.parametrize("part", [panel, edit_form, merge_dialog, undo_toast])
def test_nothing_scrolls_sideways_on_the_smallest_phone(addresses, pair, open_page, part):
    _, matriz, _ = addresses
    client, other = pair
    page = open_page(f"{matriz}/clients/{client}", width=320)
    expect(button(page, "Edit")).to_be_visible()

    part(page, other)

    for box in ["document.documentElement", "document.querySelector('[role=dialog]')"]:
        if page.evaluate(f"{box} !== null"):
            assert page.evaluate(f"{box}.scrollWidth <= {box}.clientWidth")
