"""People at two counters, in a real browser."""

import re

import pytest
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def branches(addresses):
    _, *both = addresses
    return both


def register(page, name, document):
    page.get_by_test_id("new-client").click()
    form = page.get_by_test_id("client-form")
    form.get_by_label(re.compile("^Name")).fill(name)
    form.get_by_label(re.compile("^CPF or CNPJ")).fill(document)
    page.get_by_test_id("save-client").click()


def test_a_client_registered_at_one_branch_appears_at_the_other_without_a_reload(
    branches, open_page
):
    matriz, filial = branches
    there = open_page(filial)
    expect(there.get_by_test_id("sync-chip")).to_contain_text("Live")
    here = open_page(matriz)

    register(here, "Padaria Estrela Ltda", "12.ABC.345/01DE-35")

    expect(here.get_by_test_id("client-form")).to_have_count(0)
    row = there.get_by_test_id("client-row").filter(has_text="Padaria Estrela Ltda")
    expect(row).to_be_visible()
    expect(row).to_contain_text("12.ABC.345/01DE-35")


def test_the_request_that_registered_a_client_is_in_the_latency_page(branches, open_page):
    matriz, _ = branches
    page = open_page(matriz)
    register(page, "Ana Souza", "390.533.447-05")
    expect(page.get_by_test_id("client-form")).to_have_count(0)

    page.get_by_role("link", name="Latency").click()

    row = page.get_by_test_id("log-row").filter(has_text="POST").filter(has_text="/client")
    expect(row.first).to_be_visible()
    expect(page.get_by_test_id("latency-tile-p99")).to_contain_text(re.compile("µs|ms|s"))


def test_a_wrong_document_is_told_beside_its_field_and_nothing_is_sent(branches, open_page):
    matriz, _ = branches
    page = open_page(matriz)

    register(page, "Bia Lima", "390.533.447-06")

    field = page.get_by_label(re.compile("^CPF or CNPJ"))
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_test_id("client-row").filter(has_text="Bia Lima")).to_have_count(0)


def test_a_search_finds_without_accents_and_case(branches, open_page):
    matriz, _ = branches
    page = open_page(matriz)
    register(page, "Conceição Araújo", "529.982.247-25")
    expect(page.get_by_test_id("client-form")).to_have_count(0)

    page.get_by_test_id("search").fill("conceicao")

    expect(page.get_by_test_id("client-row")).to_have_count(1)
    expect(page.get_by_test_id("client-row")).to_contain_text("Conceição Araújo")


def test_an_edit_and_a_deletion_reach_the_other_branch(branches, open_page):
    matriz, filial = branches
    there, here = open_page(filial), open_page(matriz)
    register(here, "Davi Ramos", "111.444.777-35")
    row = there.get_by_test_id("client-row").filter(has_text="Davi Ramos")
    expect(row).to_be_visible()

    here.get_by_test_id("client-row").filter(has_text="Davi Ramos").click()
    here.get_by_role("button", name=re.compile("^Edit")).click()
    here.get_by_test_id("client-form").get_by_label(re.compile("^Phone")).fill("11 98765-4321")
    here.get_by_test_id("save-client").click()
    expect(row).to_contain_text("(11) 98765-4321")
    here.get_by_role("button", name=re.compile("^Delete")).first.click()
    expect(here.get_by_test_id("toast").get_by_role("button", name="Undo")).to_be_visible()
    here.goto(f"{matriz}/latency")  # whoever leaves the page no longer wants to undo

    expect(row).to_have_count(0)


def test_a_change_is_in_the_history_of_its_client_with_both_values_and_the_branch(
    branches, open_page
):
    matriz, _ = branches
    page = open_page(matriz)
    register(page, "Elisa Prado", "987.654.321-00")
    page.get_by_role("button", name=re.compile("^Edit")).click()
    page.get_by_test_id("client-form").get_by_label(re.compile("^Phone")).fill("11 98765-4399")
    page.get_by_test_id("save-client").click()

    changed = page.get_by_role("listitem").filter(has_text="Changed")
    expect(changed.get_by_role("deletion")).to_have_text("empty")
    expect(changed.get_by_role("insertion")).to_have_text("(11) 98765-4399")
    expect(changed).to_contain_text("at matriz")


def test_language_and_appearance_that_were_chosen_outlive_a_reload(branches, open_page):
    matriz, _ = branches
    page = open_page(matriz, locale="pt-BR")
    page.get_by_role("button", name="Preferências").click()
    page.get_by_role("menuitemradio", name="Escura").click()
    page.get_by_role("button", name="Preferências").click()
    page.get_by_role("menuitemradio", name="English").click()
    expect(page.get_by_role("link", name="Branches")).to_be_visible()

    page.reload()

    expect(page.get_by_role("link", name="Branches")).to_be_visible()
    expect(page.locator("html[data-theme=dark][lang=en]")).to_be_attached()


@pytest.mark.parametrize(("locale", "word"), [("pt-BR", "Clientes"), ("en-US", "Clients")])
@pytest.mark.parametrize("path", ["/", "/latency"])
def test_no_page_scrolls_sideways_on_a_phone(branches, open_page, locale, word, path):
    matriz, _ = branches
    page = open_page(matriz + path, locale=locale, width=360)
    expect(page.get_by_role("link", name=word).first).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth") <= 360
