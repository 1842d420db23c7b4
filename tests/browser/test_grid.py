"""The list of clients where there are 100,000 of them, and several tabs."""

import re
from unicodedata import normalize

import httpx
import pytest
import uuid_utils
from playwright.sync_api import expect
from stdnum.br import cpf

CLIENTS = 100_000
BATCH = 1_000
FIRST = [
    "Ana",
    "Beatriz",
    "Carlos",
    "Conceição",
    "Eduardo",
    "Fernanda",
    "João",
    "Júlia",
    "Mariana",
    "Rafaela",
    "Sérgio",
]
LAST = [
    "Albuquerque",
    "Almeida",
    "Araújo",
    "Cavalcanti",
    "Gonçalves",
    "Nascimento",
    "Oliveira",
    "Souza",
]


def person(number: int) -> dict[str, str]:
    """Give a believable client; one in nine is an Ana."""
    first, last = FIRST[number % len(FIRST)], LAST[number % len(LAST)]
    plain = normalize("NFKD", f"{first}.{last}").encode("ascii", "ignore").decode().lower()
    base = f"{100_000_000 + number}"
    return {
        "name": f"{first} {last} {LAST[number // 9 % len(LAST)]}",
        "document": base + cpf._calc_check_digits(base),
        "phone": f"+55119{60_000_000 + number}",
        "email": f"{plain}{number}@example.com",
    }


def insert(fields: dict[str, str]) -> dict:
    key = str(uuid_utils.uuid7())
    return {"write_id": key, "client_id": key, "operation": "insert", "set": fields}


@pytest.fixture(scope="module")
def crowd(shared_programs):
    """Start a server and a facade, and give them 100,000 clients."""
    server = shared_programs.server().start()
    facade = shared_programs.facade(server.url).start()
    with httpx.Client(timeout=60) as line:
        for start in range(0, CLIENTS, BATCH):
            writes = [insert(person(number)) for number in range(start, start + BATCH)]
            line.post(f"{server.url}/clients/writes", json=writes).raise_for_status()
        # The facade holds them all, and has put them in the order of their names.
        answer = line.get(f"{facade.url}/client?sort=name&limit=1", headers=_in_step(line, server))
        assert answer.headers["clientela-count"] == str(CLIENTS)
    return server, facade


def _in_step(line, server):
    tail = line.head(f"{server.url}/clients/changes").headers["stream-next-offset"]
    return {"Clientela-Min-Version": tail}


@pytest.fixture
def page(crowd, open_page):
    _, facade = crowd
    opened = open_page(facade.url)
    expect(opened.get_by_test_id("client-row").first).to_be_visible()
    return opened


def rows_in_sight(page) -> list[list]:
    """Give what each row in sight says, with the height at which it stands."""
    return page.evaluate(
        """() => {
            const list = document.querySelector("[data-testid=client-list]");
            const top = list.getBoundingClientRect().top + 36;
            return [...list.querySelectorAll("[data-testid=client-row]")]
                .map((row) => [row.querySelector("a").textContent, row.getBoundingClientRect().top])
                .filter(([, y]) => y >= top && y < top + list.clientHeight)
                .sort((a, b) => a[1] - b[1]);
        }"""
    )


def test_the_keyboard_goes_to_both_ends_of_100_000_clients(page):
    page.get_by_test_id("client-list").locator("a[tabindex='0']").focus()

    page.keyboard.press("Control+End")
    oldest = page.get_by_role("link", name=person(0)["name"], exact=True)
    expect(oldest.last).to_be_focused()
    expect(page.get_by_test_id("client-row").last).to_contain_text("100.000.000-19")
    page.keyboard.press("ArrowUp")
    expect(page.locator("a:focus")).to_have_text(person(1)["name"])
    page.keyboard.press("PageUp")
    page.keyboard.press("PageDown")
    expect(page.locator("a:focus")).to_have_text(person(1)["name"])
    page.keyboard.press("Control+Home")
    expect(page.locator("a:focus")).to_have_text(person(CLIENTS - 1)["name"])
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name=person(CLIENTS - 1)["name"])).to_be_focused()


def test_few_elements_stand_for_all_of_them(page):
    page.get_by_test_id("client-list").evaluate("list => list.scrollTo(0, 1_000_000)")
    expect(page.get_by_test_id("client-row").first).to_be_visible()

    assert page.evaluate("document.querySelectorAll('*').length") < 800


def test_rows_stay_where_one_reads_while_clients_arrive_above(crowd, page):
    server, _ = crowd
    page.get_by_test_id("client-list").evaluate("list => list.scrollTo(0, 480_000)")
    expect(page.get_by_test_id("client-row").nth(20)).to_be_visible()
    before = rows_in_sight(page)

    new = [insert({"name": "Zuleica Nova"}), insert({"name": "Zuleide Nova"})]
    httpx.post(f"{server.url}/clients/writes", json=new).raise_for_status()

    expect(page.get_by_test_id("arrived")).to_have_text("2 new clients")
    assert rows_in_sight(page) == before
    page.get_by_test_id("arrived").click()
    expect(page.get_by_role("link", name="Zuleide Nova")).to_be_in_viewport()


def test_a_search_counts_and_can_be_sorted_and_the_address_keeps_it(page):
    page.keyboard.press("/")
    page.keyboard.type("ana albu")

    names = (person(number)["name"] for number in range(CLIENTS))
    expected = sum(name.startswith("Ana") and "Albu" in name for name in names)
    expect(page.get_by_text(f"{expected:,} results")).to_be_visible()
    page.get_by_role("button", name="Name").click()
    first = page.get_by_test_id("client-row").first
    expect(first).to_contain_text("Ana Albuquerque Albuquerque")
    page.reload()

    expect(page.get_by_test_id("search")).to_have_value("ana albu")
    expect(first).to_contain_text("Ana Albuquerque Albuquerque")
    expect(page.get_by_role("columnheader", name="Name")).to_have_attribute(
        "aria-sort", "ascending"
    )


def test_two_tabs_share_one_line_and_the_second_goes_on_alone(crowd, page):
    server, facade = crowd
    lines: list[str] = []
    other = page.context.new_page()
    other.on("request", lambda request: lines.append(request.url))
    other.goto(facade.url)
    expect(other.get_by_test_id("sync-chip")).to_have_attribute("data-state-name", "live")
    assert [url for url in lines if "live=sse" in url] == []

    httpx.post(f"{server.url}/clients", json={"name": "Para Duas Abas"}).raise_for_status()
    for tab in (page, other):
        expect(tab.get_by_role("link", name="Para Duas Abas")).to_be_visible()
    page.close()
    httpx.post(f"{server.url}/clients", json={"name": "Para Uma Aba"}).raise_for_status()

    expect(other.get_by_role("link", name="Para Uma Aba")).to_be_visible()
    assert len([url for url in lines if "/client/changes" in url and "live=sse" in url]) == 1


@pytest.mark.parametrize("width", [320, 768, 1440])
@pytest.mark.parametrize("locale", ["pt-BR", "en-US"])
def test_nothing_is_cut_off_and_nothing_scrolls_sideways(crowd, open_page, cut_off, width, locale):
    _, facade = crowd
    page = open_page(facade.url, locale=locale, width=width)
    expect(page.get_by_test_id("client-row").nth(5)).to_be_visible()

    assert cut_off(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_clients_that_wait_can_be_shown_alone(crowd, open_page):
    server, facade = crowd
    server.stop()
    page = open_page(facade.url)
    expect(page.get_by_test_id("sync-chip")).to_have_attribute("data-state-name", "offline")
    page.get_by_test_id("new-client").click()
    page.get_by_test_id("client-form").get_by_label(re.compile("^Name")).fill("Espera Aqui")
    page.get_by_test_id("save-client").click()
    expect(page.get_by_test_id("client-form")).to_have_count(0)

    page.get_by_test_id("view-menu").click()
    page.get_by_role("menuitemradio", name="Waiting to be sent").click()

    expect(page.get_by_test_id("client-row")).to_have_count(1)
    expect(page.get_by_test_id("client-row")).to_contain_text("Espera Aqui")
    expect(page.get_by_text("1 result", exact=True)).to_be_visible()
    server.start()
    expect(page.get_by_text("Nothing is waiting to be sent.")).to_be_visible(timeout=20_000)
