"""Clients in and out as CSV, in a real browser."""

import csv
import io
import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

CPFS = ["390.533.447-05", "529.982.247-25", "111.444.777-35", "123.456.789-09", "987.654.321-00"]


@pytest.fixture(scope="module")
def system(shared_programs):
    server = shared_programs.server("one").start()
    return shared_programs.facade(server.url, "matriz").start()


@pytest.fixture
def other_system(programs):
    server = programs.server("two").start()
    return programs.facade(server.url, "loja").start()


def clients(facade, **query):
    return httpx.get(f"{facade.url}/client", params=query, timeout=60).json()


def contents(facade, **query):
    found = clients(facade, **query)
    return sorted((c["name"], c["document"], c["phone"], c["email"], c["notes"]) for c in found)


def insert(facade, **fields):
    assert httpx.post(f"{facade.url}/client", json=fields).status_code == 201


def named(prefix, count):
    rows = [f"{prefix} {number},{prefix.lower()}{number}@example.com" for number in range(count)]
    return "\r\n".join(["name,email", *rows]).encode()


def choose(page, content, name="people.csv"):
    file = {"name": name, "mimeType": "text/csv", "buffer": content}
    page.get_by_test_id("import-file").set_input_files(file)
    expect(page.get_by_test_id("import-facts")).to_contain_text(name)


def start(page):
    button = page.get_by_test_id("import-start")
    expect(button).to_be_enabled()
    button.click()


def count_of(page, verdict):
    return page.get_by_test_id(f"count-{verdict}")


def downloaded(page, press):
    with page.expect_download() as caught:
        press.click()
    text = Path(caught.value.path()).read_bytes().decode("utf-8-sig")
    return caught.value.suggested_filename, text


def exported(page):
    page.evaluate("window.showSaveFilePicker = undefined")  # its dialog belongs to the system
    return downloaded(page, page.get_by_test_id("export"))


def rows_of(text, delimiter=","):
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def test_good_rows_come_in_and_the_others_are_told_and_handed_back(system, open_page):
    insert(system, name="Ana Souza", document=CPFS[0])
    page = open_page(f"{system.url}/import")
    choose(
        page,
        "\r\n".join(
            [
                "Nome;CPF;Celular;Cidade",
                f"Bruno Lima;{CPFS[1]};(11) 98765-4321;Santos",
                "Carla Dias;111.444.777-36;(11) 98765-4322;Santos",
                f'"Bruno ""Bubu"" Lima";{CPFS[1]};;"São Paulo; SP"',
                f"Ana S.;{CPFS[0]};;",
                f";{CPFS[2]};;",
                "Davi Reis;;;",
            ]
        ).encode(),
    )
    expect(count_of(page, "new")).to_have_text("New 2")
    expect(count_of(page, "invalid")).to_have_text("With errors 2")
    expect(count_of(page, "repeated")).to_have_text("Repeated 1")
    expect(count_of(page, "known")).to_have_text("Already there 1")
    start(page)
    expect(page.get_by_test_id("import-summary")).to_contain_text("2 clients came")
    expect(count_of(page, "imported")).to_have_text("Imported 2")

    count_of(page, "invalid").click()
    rows = page.get_by_test_id("import-row")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("CPF or CNPJ: The check digits")
    expect(rows.nth(1)).to_contain_text("Name:")

    name, text = downloaded(page, page.get_by_role("button", name=re.compile("^Download")))
    left = rows_of(text, ";")
    assert re.fullmatch(r"rows-not-imported-\d{4}-\d\d-\d\d\.csv", name)
    assert [row["Nome"] for row in left] == ["Carla Dias", 'Bruno "Bubu" Lima', "Ana S.", ""]
    assert left[1]["Cidade"] == "São Paulo; SP"
    assert left[1]["reason"] == "Repeats row 2"
    assert [client["name"] for client in clients(system, q="lima")] == ["Bruno Lima"]
    assert clients(system, q="bruno")[0]["phone"] == "+5511987654321"


@pytest.mark.parametrize(
    ("delimiter", "encoding", "told"),
    [
        (";", "cp1252", "separated by semicolons, Windows-1252"),
        ("\t", "utf-16", "separated by tabs, UTF-16LE"),
        (",", "utf-8-sig", "separated by commas, UTF-8"),
    ],
)
def test_separators_and_encodings_are_found_out(system, open_page, delimiter, encoding, told):
    page = open_page(f"{system.url}/import")
    rows = [["Razão social", "Observações"], [f"Pão & Cia {encoding}", "manhã"]]

    choose(page, "\n".join(delimiter.join(row) for row in rows).encode(encoding))

    expect(page.get_by_test_id("import-facts")).to_contain_text(told)
    expect(page.get_by_test_id("import-row")).to_contain_text(f"Pão & Cia {encoding}")
    expect(page.get_by_test_id("import-row")).to_contain_text("manhã")
    expect(page.get_by_test_id("import-start")).to_have_text("Import 1 client")


def test_a_field_can_be_taken_from_another_column(system, open_page):
    page = open_page(f"{system.url}/import")
    choose(page, b"name,alias\nMaria Aparecida,Cida\n")

    page.get_by_label("Name", exact=True).select_option("alias")

    expect(page.get_by_test_id("import-row")).to_contain_text("Cida")


def test_a_file_that_is_broken_is_refused_with_the_place(system, open_page):
    page = open_page(f"{system.url}/import")

    page.get_by_test_id("import-file").set_input_files(
        {"name": "x.csv", "mimeType": "text/csv", "buffer": b'name,notes\nAna,"open\nBia,\n'}
    )

    expect(page.get_by_role("alert")).to_have_text(re.compile("never close. Look at row 2"))


def test_a_reload_in_the_middle_goes_on_without_doubles(system, open_page):
    page = open_page(f"{system.url}/import")
    batches = []

    def lose_the_third(route):
        batches.append(route.request.post_data_json)
        if len(batches) < 3:
            route.continue_()
        elif len(batches) == 3:
            route.fetch()  # it arrives, but its answer does not
            route.abort()
        else:
            route.abort()

    page.context.route("**/client/writes", lose_the_third)
    choose(page, named("Reload", 1_000))
    start(page)
    expect(page.get_by_text("This branch does not answer.")).to_be_visible()
    assert len(clients(system, q="reload")) == 600
    page.context.unroute("**/client/writes")

    page.reload()
    expect(page.get_by_test_id("import-progress")).to_have_text("400 of 1,000 sent")
    page.get_by_role("button", name="Go on").click()

    expect(page.get_by_test_id("import-summary")).to_contain_text("1,000 clients came")
    assert len(clients(system, q="reload")) == 1_000


def test_an_import_that_is_paused_goes_on_where_it_was(system, open_page):
    page = open_page(f"{system.url}/import")
    page.context.route("**/client/writes", lambda route: route.abort())
    choose(page, named("Pause", 300))
    start(page)
    expect(page.get_by_text("This branch does not answer.")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("The import has stopped")).to_be_visible()
    page.context.unroute("**/client/writes")

    page.get_by_role("button", name="Go on").click()

    expect(page.get_by_test_id("import-summary")).to_contain_text("300 clients came")


def test_one_import_goes_on_in_one_tab_and_in_another_when_that_is_closed(system, open_page):
    first = open_page(f"{system.url}/import")
    first.context.route("**/client/writes", lambda route: route.abort())
    choose(first, named("Tabs", 500))
    start(first)
    expect(first.get_by_text("This branch does not answer.")).to_be_visible()

    second = first.context.new_page()
    second.goto(f"{system.url}/import")
    expect(second.get_by_text("An import is open in another tab")).to_be_visible()
    expect(second.get_by_test_id("import-file")).to_have_count(0)
    first.close()
    second.context.unroute("**/client/writes")
    expect(second.get_by_test_id("import-progress")).to_have_text("0 of 500 sent")
    second.get_by_role("button", name="Go on").click()

    expect(second.get_by_test_id("import-summary")).to_contain_text("500 clients came")
    assert len(clients(system, q="tabs")) == 500


def test_without_the_server_rows_are_kept_at_the_branch(programs, open_page):
    server = programs.server("away").start()
    facade = programs.facade(server.url, "filial").start()
    server.stop()
    page = open_page(f"{facade.url}/import")
    choose(page, named("Offline", 250))

    start(page)

    expect(page.get_by_test_id("import-summary")).to_contain_text("250 clients are kept")
    assert len(clients(facade, q="offline")) == 250


def test_an_export_of_a_search_is_what_the_search_lists(system, open_page):
    insert(system, name="Exportada Um", phone="+5511987650001", notes="=1+1\n'two'")
    insert(system, name="Exportada Dois", document=CPFS[3])
    page = open_page(f"{system.url}/?q=exportada")
    expect(page.get_by_test_id("client-row")).to_have_count(2)

    name, text = exported(page)

    assert re.fullmatch(r"clients-\d{4}-\d\d-\d\d\.csv", name)
    assert [row["name"] for row in rows_of(text)] == ["Exportada Um", "Exportada Dois"]
    expect(page.get_by_text("2 clients exported")).to_be_visible()


def test_an_export_in_portuguese_opens_in_columns_by_a_double_click(system, open_page):
    insert(system, name="Planilha; Vírgula, Aspas", notes='"um"\ndois; três')
    page = open_page(f"{system.url}/?q=planilha", locale="pt-BR")
    expect(page.get_by_test_id("client-row")).to_have_count(1)

    _, text = exported(page)

    (row,) = rows_of(text, ";")
    assert row["name"] == "Planilha; Vírgula, Aspas"
    assert row["notes"] == '"um"\ndois; três'


def test_what_was_exported_comes_into_another_register_unchanged(system, other_system, open_page):
    insert(system, name="=Fórmula", phone="+351912345678", email="f@example.com", notes="'-1")
    insert(system, name="Três Linhas", notes='uma\n"duas"; três,\n@quatro')
    _, text = exported(open_page(system.url))
    page = open_page(f"{other_system.url}/import")
    choose(page, text.encode("utf-8-sig"))

    start(page)

    expect(page.get_by_test_id("import-summary")).to_be_visible()
    expect(page.get_by_test_id("import-summary")).not_to_contain_text("not imported")
    assert contents(other_system) == contents(system)
    assert {c["id"] for c in clients(other_system)} == {c["id"] for c in clients(system)}


def test_what_was_exported_is_all_there_already(system, open_page):
    insert(system, name="Sem Documento", phone="+5511987650009", email="sem@Example.com")
    page = open_page(system.url)
    _, text = exported(page)
    without_ids = "\r\n".join(line.partition(",")[2] for line in text.split("\r\n"))
    total = len(clients(system))

    for content in (text, without_ids):
        page.goto(f"{system.url}/import")
        choose(page, content.encode())

        expect(page.get_by_test_id("import-start")).to_have_text("No rows to import")
        expect(count_of(page, "known")).to_have_text(f"Already there {total:,}")
        page.get_by_role("button", name="Another file").click()


def test_a_hundred_thousand_rows_leave_the_page_alive_and_small(system, open_page):
    page = open_page(f"{system.url}/import")
    choose(page, named("Many", 100_000))

    expect(count_of(page, "new")).to_have_text("New 100,000", timeout=60_000)
    expect(page.get_by_test_id("import-start")).to_be_enabled(timeout=60_000)
    assert page.evaluate("document.querySelectorAll('*').length") < 800


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_import_is_accessible_in_each_state(system, open_page, axe, scheme, width):
    page = open_page(f"{system.url}/import", width=width)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.reload()
    states = []

    def look(state):
        fits = page.evaluate(
            """() => {
                const { scrollWidth, scrollHeight } = document.documentElement;
                return scrollWidth <= innerWidth && scrollHeight <= innerHeight;
            }"""
        )
        states.append((state, axe(page), fits))

    expect(page.get_by_role("button", name="Choose file")).to_be_visible()
    look("empty")
    page.context.route("**/client/writes", lambda route: route.abort())
    choose(page, named(f"Axe-{scheme}-{width}", 30) + b"\r\n,\r\nnobody,wrong\r\n")
    expect(page.get_by_test_id("import-start")).to_be_enabled()
    look("preview")
    start(page)
    expect(page.get_by_text("This branch does not answer.")).to_be_visible()
    look("waiting")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("The import has stopped")).to_be_visible()
    look("paused")
    page.context.unroute("**/client/writes")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_test_id("import-summary")).to_be_visible()
    look("done")

    assert states == [(state, [], True) for state, _, _ in states]
