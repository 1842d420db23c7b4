"""Signing in at the pages of a guarded branch, and what each role finds there."""

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from clientela.cli.demo_people import people

ROLES = ("reader", "counter", "operator", "admin")


class Branch:
    """A guarded branch with some clients, and a token of each role."""

    def __init__(self, programs):
        _, facade = programs.guarded()
        self.programs, self.url = programs, facade.url
        self.tokens = {role: programs.token(role, f"{role}.souza") for role in ROLES}
        programs.wait_for(f"{facade.url}/readyz")
        bearer = {"Authorization": f"Bearer {self.tokens['admin']}"}
        with httpx.Client(base_url=facade.url, timeout=30, headers=bearer) as line:
            programs.until(lambda: line.get("/client").status_code == 200, "the facade has tokens")
            for client in people(12, 5):
                line.post("/client", json=client)


@pytest.fixture(scope="module")
def branch(shared_programs):
    return Branch(shared_programs)


def sign_in(page: Page, token: str) -> None:
    page.get_by_label(re.compile("Access token|Token de acesso")).fill(token)
    page.get_by_role("button", name=re.compile("^(Sign in|Entrar)$")).click()


def rows(page: Page):
    return page.get_by_test_id("client-row")


def sign_out(page: Page, how: str) -> None:
    page.get_by_role("button", name="Preferences").click()
    page.get_by_role("menuitem", name=how, exact=True).click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_one_signs_in_where_one_wanted_to_go_and_is_seen(branch, open_page):
    page = open_page(f"{branch.url}/?q=a")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(rows(page)).to_have_count(0)
    sign_in(page, "clientela_wrong")
    expect(page.locator("form")).to_contain_text("not known here")
    sign_in(page, branch.tokens["counter"])
    expect(rows(page).first).to_be_visible()

    assert page.url == f"{branch.url}/?q=a"
    expect(page.get_by_test_id("signed-in")).to_have_text("counter.souza")
    expect(page.get_by_test_id("sync-chip")).to_have_attribute("data-state-name", "live")
    page.reload()
    expect(rows(page).first).to_be_visible()


@pytest.mark.parametrize(
    ("role", "writes", "watches"),
    [
        ("reader", False, False),
        ("counter", True, False),
        ("operator", False, True),
        ("admin", True, True),
    ],
)
def test_pages_show_what_a_role_may_do_and_no_more(branch, open_page, axe, role, writes, watches):
    page = open_page(branch.url)
    sign_in(page, branch.tokens[role])
    expect(rows(page).first).to_be_visible()
    expect(page.get_by_test_id("new-client")).to_have_count(int(writes))
    expect(page.get_by_role("link", name="Import clients")).to_have_count(int(writes))
    expect(page.get_by_role("link", name="Latency")).to_have_count(int(watches))
    rows(page).first.get_by_role("link").click()
    expect(page.get_by_role("heading", level=2).last).to_be_visible()
    expect(page.get_by_role("button", name="Delete", exact=True)).to_have_count(int(writes))
    assert axe(page) == []
    page.goto(f"{branch.url}/latency")
    if watches:
        expect(page.get_by_test_id("latency-tile-p99")).to_be_visible()
    else:
        expect(page.get_by_role("heading", name="not for your token")).to_be_visible()
    page.goto(f"{branch.url}/import")
    denied = page.get_by_role("heading", name="not for your token")
    expect(denied).to_have_count(int(not writes))


def test_signing_out_everywhere_reaches_the_other_browser_and_leaves_nothing(branch, open_page):
    here, there, other = (open_page(branch.url) for _ in range(3))
    for page, role in ((here, "admin"), (there, "admin"), (other, "counter")):
        sign_in(page, branch.tokens[role])
        expect(rows(page).first).to_be_visible()
    there.wait_for_function(f"{SEEN}.then((seen) => seen > 0)")
    sign_out(there, "Sign out everywhere")

    expect(here.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(rows(other).first).to_be_visible()
    assert there.evaluate(SEEN) == 0
    sign_in(there, branch.tokens["admin"])
    expect(rows(there).first).to_be_visible()


SEEN = """new Promise((resolve) => {
    const open = indexedDB.open("clientela.last-seen", 1);
    open.onsuccess = () => {
        const database = open.result;
        const stores = database.objectStoreNames;
        if (!stores.contains("page")) return resolve(0);
        const asked = database.transaction("page").objectStore("page").count();
        asked.onsuccess = () => { database.close(); resolve(asked.result); };
    };
    open.onupgradeneeded = () => open.transaction.abort();
    open.onerror = () => resolve(0);
})"""


def test_a_session_that_ends_keeps_what_was_typed_and_the_place(branch, open_page):
    token = branch.programs.token("counter", "late")
    page = open_page(branch.url)

    def comes_in() -> bool:
        answer = page.request.post(
            f"{branch.url}/session", data={"token": token}, headers={"Origin": branch.url}
        )
        return answer.status == 201

    branch.programs.until(comes_in, "the facade has the token")
    page.reload()
    rows(page).nth(2).get_by_role("link").click()
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Notes").fill("Typed before the end")
    place = page.url
    page.context.clear_cookies()
    # What follows the register may hear of it first, and take the form away.
    page.evaluate("document.querySelector('[data-testid=save-client]')?.click()")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    sign_in(page, token)
    expect(page.get_by_label("Notes")).to_have_value("Typed before the end")

    assert page.url == place
    page.get_by_test_id("save-client").click()
    expect(page.get_by_test_id("client-form")).to_have_count(0)


@pytest.mark.parametrize(("locale", "scheme"), [("pt-BR", "light"), ("en-US", "dark")])
@pytest.mark.parametrize("width", [320, 1440])
def test_the_way_in_is_accessible_whole_and_never_wider_than_the_screen(
    branch, open_page, axe, cut_off, width, locale, scheme
):
    page = open_page(branch.url, locale=locale, width=width)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    expect(page.get_by_role("button", name=re.compile("^(Sign in|Entrar)$"))).to_be_visible()

    assert axe(page) == []
    assert cut_off(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
