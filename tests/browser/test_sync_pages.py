"""A branch whose server comes and goes, seen in a real browser: nothing that was saved is lost."""

import re
import subprocess
import sys
import time
from types import SimpleNamespace

import httpx
import pytest
from playwright.sync_api import Page, expect

RECOVERY_MS = 15_000  # far more than the few seconds that a page needs to find its facade again


@pytest.fixture(scope="module")
def company(shared_programs):
    """A server and two branches."""
    server = shared_programs.server().start()
    matriz = shared_programs.facade(server.url, "matriz").start()
    filial = shared_programs.facade(server.url, "filial").start()
    return SimpleNamespace(server=server, matriz=matriz, filial=filial)


@pytest.fixture
def branches(company):
    """Both branches in step and with nothing to send; afterwards too."""
    yield company
    for program in (company.server, company.matriz, company.filial):
        if program.process.poll() is not None:
            program.start()
    for branch in (company.matriz, company.filial):
        _settle(branch)


def wait_for_sync(branch, condition):
    """Wait until what a branch tells of itself fulfils a condition; gives that."""
    deadline = time.monotonic() + 30
    while not condition(state := httpx.get(f"{branch.url}/sync").json()):
        assert time.monotonic() < deadline, state
        time.sleep(0.05)
    return state


def _settle(branch):
    state = wait_for_sync(branch, lambda it: it["state"] == "live" and not it["outbox"]["pending"])
    for write in state["writes"]:
        httpx.delete(f"{branch.url}/client/writes/{write['write_id']}").raise_for_status()


def new_client(branch, **fields):
    """Register a client over HTTP; gives its id."""
    answer = httpx.post(f"{branch.url}/client", json=fields)
    answer.raise_for_status()
    return answer.headers["Location"].partition("id=")[2]


def change(branch, client_id, **fields):
    answer = httpx.patch(f"{branch.url}/client?id={client_id}", json=fields)
    answer.raise_for_status()


def chip(page: Page):
    return page.get_by_test_id("sync-chip")


def expect_state(page: Page, state: str):
    expect(chip(page)).to_have_attribute("data-state-name", state, timeout=RECOVERY_MS)


def open_panel(page: Page):
    chip(page).click()
    panel = page.get_by_role("dialog", name=re.compile("^Sync"))
    expect(panel.get_by_test_id("sync-proof")).to_be_visible()
    return panel


def card(page: Page, name: str):
    return page.get_by_test_id("write-card").filter(has_text=name)


def known_to(branch, client_id):
    """Have a branch catch up with the server, and so know a client."""
    headers = {"Cache-Control": "no-cache"}
    httpx.get(f"{branch.url}/client?id={client_id}", headers=headers).raise_for_status()


def make_conflict(company, name, *, mine, theirs):
    """Leave the matriz with a refused change of a client's phone that the filial changed first."""
    client_id = new_client(company.matriz, name=name, phone="+551132000000")
    known_to(company.filial, client_id)
    company.server.kill()
    wait_until_offline(company.matriz)
    change(company.matriz, client_id, phone=mine)
    company.matriz.kill()
    company.server.start()
    change(company.filial, client_id, phone=theirs)
    company.matriz.start()
    return client_id


def wait_until_offline(branch):
    wait_for_sync(branch, lambda state: state["state"] == "offline")


def test_a_client_saved_while_the_server_is_away_waits_in_sight_and_goes_by_itself(
    branches, open_page
):
    page = open_page(branches.matriz.url)
    expect_state(page, "live")

    branches.server.kill()
    expect_state(page, "offline")
    expect(page.get_by_text("what you save is kept here and will be sent")).to_be_visible()
    new_client(branches.matriz, name="Padaria da Espera")
    expect(chip(page)).to_have_accessible_name(re.compile("Offline 1 to be sent"))
    panel = open_panel(page)
    expect(panel).to_contain_text("Padaria da Espera")
    expect(panel).to_contain_text(re.compile(r"\d+ attempts?"))
    with page.expect_response(lambda answer: answer.url.endswith("/retry")) as tried:
        panel.get_by_role("button", name="Send now").click()
    assert tried.value.ok
    row = page.get_by_test_id("client-row").filter(has_text="Padaria da Espera")
    expect(row).to_contain_text("waiting for the server")

    branches.server.start()
    expect_state(page, "live")
    expect(panel.get_by_text("Padaria da Espera")).to_have_count(0)
    expect(row).not_to_contain_text("waiting for the server")


def test_the_proof_of_being_in_step_is_a_press_away(branches, open_page):
    new_client(branches.matriz, name="Prova Real")
    page = open_page(branches.matriz.url)
    expect_state(page, "live")

    panel = open_panel(page)

    proof = panel.get_by_test_id("sync-proof")
    expect(proof).to_contain_text("Identical to the server")
    expect(proof).to_contain_text(re.compile(r"at version \d+, \d+ \w+ ago"))


def test_an_idle_page_does_not_ask_how_it_stands(branches, open_page):
    page = open_page(branches.matriz.url)
    page.clock.install()
    page.reload()
    expect_state(page, "live")
    page.clock.run_for(4_000)  # the first questions are asked
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    page.clock.run_for(9_000)  # several turns of asking, if there were any
    page.evaluate("fetch('/livez')")

    assert [url.removeprefix(branches.matriz.url) for url in asked] == ["/livez"]


def test_two_sides_of_a_conflict_are_settled_by_a_person_and_shown_at_both(branches, open_page):
    client_id = make_conflict(
        branches, "Conflito Ltda", mine="+551133001111", theirs="+551133002222"
    )
    page = open_page(branches.matriz.url)
    expect_state(page, "error")
    page.get_by_role("link", name="See and decide").click()

    card(page, "Conflito Ltda").get_by_role("button", name="Compare and decide").click()
    form = page.get_by_test_id("conflict-form")
    expect(form.get_by_role("button", name="Mine (11) 3300-1111")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(form.get_by_role("button", name="In the register (11) 3300-2222")).to_be_visible()
    form.get_by_label("Will hold").fill("11 3300-3333")
    form.get_by_role("button", name="Save").click()

    expect(form).to_have_count(0)
    expect(page.get_by_text("Nothing to send")).to_be_visible()
    expect_state(page, "live")
    for branch in (branches.matriz, branches.filial):
        there = open_page(f"{branch.url}/clients/{client_id}")
        expect(there.get_by_text("(11) 3300-3333").first).to_be_visible()


def test_a_refused_change_can_be_discarded_from_the_panel(branches, open_page):
    make_conflict(branches, "Descarte Ltda", mine="+551134001111", theirs="+551134002222")
    page = open_page(branches.matriz.url)
    expect_state(page, "error")

    open_panel(page).get_by_role("button", name="Discard").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Discard").click()

    expect_state(page, "live")
    expect(page.get_by_role("alertdialog")).to_have_count(0)


def test_a_document_that_another_branch_took_first_is_put_right(branches, open_page):
    branches.server.kill()
    wait_until_offline(branches.matriz)
    new_client(branches.matriz, name="Segunda Dona", document="52998224725")
    branches.matriz.kill()
    branches.server.start()
    holder = new_client(branches.filial, name="Primeira Dona", document="52998224725")
    branches.matriz.start()
    page = open_page(f"{branches.matriz.url}/outbox")
    refused = card(page, "Segunda Dona")
    expect(refused.get_by_role("link", name=re.compile("already has|has this"))).to_have_attribute(
        "href", f"/clients/{holder}"
    )

    refused.get_by_role("button", name="Edit").click()
    field = page.get_by_role("dialog").get_by_label(re.compile("^CPF or CNPJ"))
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("111.444.777-35")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()

    expect(page.get_by_text("Nothing to send")).to_be_visible()
    page.get_by_role("link", name="Clients").click()
    row = page.get_by_test_id("client-row").filter(has_text="Segunda Dona")
    expect(row).to_contain_text("111.444.777-35")


def test_a_form_about_a_refused_write_asks_before_what_was_typed_is_lost(branches, open_page):
    make_conflict(branches, "Meio Caminho Ltda", mine="+551139001111", theirs="+551139002222")
    page = open_page(f"{branches.matriz.url}/outbox")
    card(page, "Meio Caminho Ltda").get_by_role("button", name="Compare and decide").click()
    form, question = page.get_by_test_id("conflict-form"), page.get_by_role("alertdialog")
    form.get_by_label("Will hold").fill("11 3900-3333")

    page.keyboard.press("Escape")
    expect(question).to_contain_text("Discard what you typed?")
    question.get_by_role("button", name="Keep editing").click()
    expect(form.get_by_label("Will hold")).to_have_value("11 3900-3333")
    form.get_by_role("link", name="Meio Caminho Ltda").click()
    question.get_by_role("button", name="Discard").click()

    expect(form).to_have_count(0)
    expect(page).to_have_url(re.compile("/clients/"))


def test_a_change_of_a_client_that_is_gone_becomes_a_client_of_its_own(branches, open_page):
    client_id = new_client(branches.matriz, name="Oficina Excluída", phone="+551138001111")
    known_to(branches.filial, client_id)
    branches.server.kill()
    wait_until_offline(branches.matriz)
    change(branches.matriz, client_id, notes="Prefere contato por e-mail")
    branches.matriz.kill()
    branches.server.start()
    httpx.delete(f"{branches.filial.url}/client?id={client_id}").raise_for_status()
    branches.matriz.start()
    page = open_page(f"{branches.matriz.url}/outbox")
    refused = card(page, "Oficina Excluída")
    expect(refused).to_contain_text("The client was deleted")

    refused.get_by_role("button", name="Register anew").click()
    form = page.get_by_test_id("renew-form")
    expect(form.get_by_label(re.compile("^Phone"))).to_have_value("(11) 3800-1111")
    expect(form.get_by_label(re.compile("^Notes"))).to_have_value("Prefere contato por e-mail")
    form.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Nothing to send")).to_be_visible()
    page.get_by_role("link", name="Clients").click()
    row = page.get_by_test_id("client-row").filter(has_text="Oficina Excluída")
    expect(row).to_contain_text("(11) 3800-1111")


def test_a_page_says_that_its_branch_is_gone_and_comes_back_by_itself(branches, open_page):
    page = open_page(branches.matriz.url)
    expect_state(page, "live")
    page.evaluate("window.neverReloaded = true")

    branches.matriz.kill()
    expect_state(page, "unreachable")
    expect(page.get_by_text("it comes back by itself")).to_be_visible()
    branches.matriz.start()
    new_client(branches.filial, name="Depois da Volta")

    expect_state(page, "live")
    expect(page.get_by_text("it comes back by itself")).to_have_count(0)
    row = page.get_by_test_id("client-row").filter(has_text="Depois da Volta")
    expect(row).to_be_visible(timeout=RECOVERY_MS)
    assert page.evaluate("window.neverReloaded")


def test_the_panel_opens_even_when_the_branch_is_gone(branches, open_page):
    page = open_page(branches.matriz.url)
    asked, fetched = set(), set()
    page.on("request", lambda request: asked.add(request.url))

    def is_ready(request):
        fetched.add(request.url)
        scripts = {url for url in asked if url.endswith(".js")}
        return scripts <= fetched and any("SyncPanel" in url for url in scripts)

    with page.expect_event("requestfinished", is_ready):
        page.reload()
    expect_state(page, "live")

    branches.matriz.kill()
    expect_state(page, "unreachable")

    expect(open_panel(page)).to_contain_text("There is no need to reload")


def test_the_panel_is_used_by_keyboard_alone(branches, open_page):
    make_conflict(branches, "Teclado Ltda", mine="+551135001111", theirs="+551135002222")
    page = open_page(branches.matriz.url)
    expect_state(page, "error")
    panel = page.get_by_role("dialog", name=re.compile("^Sync"))

    chip(page).focus()
    page.keyboard.press("Enter")
    decide = panel.get_by_role("button", name="Compare and decide")
    expect(decide).to_be_visible()
    tab_to(page, decide)
    page.keyboard.press("Enter")
    form = page.get_by_test_id("conflict-form")
    theirs = form.get_by_role("button", name="All from the register")
    expect(theirs).to_be_visible()
    tab_to(page, theirs)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Will hold")).to_have_value("(11) 3500-2222")
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    expect(decide).to_be_focused()
    page.keyboard.press("Escape")

    expect(panel).to_have_count(0)
    expect(chip(page)).to_be_focused()


def tab_to(page: Page, target):
    for _ in range(20):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"not reached by Tab: {target}")


def clientela(*arguments):
    subprocess.run([sys.executable, "-m", "clientela.cli", *map(str, arguments)], check=True)


def test_what_a_restored_server_lost_is_offered_again_or_let_go(programs, open_page):
    server = programs.server().start()
    matriz = programs.facade(server.url).start()
    backup, register = programs.folder / "backup.db", server.arguments[2]
    clientela("backup", "--db", register, "--out", backup)
    new_client(matriz, name="Perdida e Achada", phone="+551137001111")
    new_client(matriz, name="Perdida de Vez")
    server.kill()
    clientela("restore", "--from", backup, "--db", register, "--force")
    server.start()
    page = open_page(f"{matriz.url}/outbox")
    expect_state(page, "error")
    found = page.get_by_test_id("lost-card").filter(has_text="Perdida e Achada")
    expect(found).to_contain_text("(11) 3700-1111")

    found.get_by_role("button", name="Offer again").click()
    expect(page.get_by_test_id("lost-card")).to_have_count(1)
    page.get_by_role("button", name="Let go").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Let go").click()

    expect(page.get_by_text("Nothing to send")).to_be_visible()
    expect_state(page, "live")
    page.get_by_role("link", name="Clients").click()
    expect(page.get_by_test_id("client-row")).to_have_count(1)
    expect(page.get_by_test_id("client-row")).to_contain_text("Perdida e Achada")


@pytest.fixture(scope="module")
def troubled(company):
    """The matriz with a refused change, and one that waits."""
    make_conflict(company, "Acessível Ltda", mine="+551136001111", theirs="+551136002222")
    wait_for_sync(company.matriz, lambda state: state["outbox"]["refused"] > 0)
    company.server.kill()
    wait_until_offline(company.matriz)
    new_client(company.matriz, name="Espera Ltda", notes="O que foi salvo aqui")
    yield company
    company.server.start()
    _settle(company.matriz)


def open_conflict(page: Page):
    page.get_by_role("button", name="Compare and decide").click()
    expect(page.get_by_label("Will hold")).to_be_visible()


VIEWS = {
    "panel": ("/", open_panel),
    "outbox": ("/outbox", lambda page: expect(card(page, "Espera Ltda")).to_be_visible()),
    "conflict": ("/outbox", open_conflict),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("width", [320, 1280])
def test_each_view_is_accessible_and_none_scrolls_sideways(
    troubled, open_page, axe, view, scheme, width
):
    path, show = VIEWS[view]
    page = open_page(troubled.matriz.url + path, width=width)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    expect_state(page, "offline")
    show(page)

    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
