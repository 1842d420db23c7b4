"""Every page in both languages, light and dark, on a phone, a tablet and a desk.

``CLIENTELA_IMAGES=1`` keeps some of what was seen in docs/images.
"""

import os
import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from clientela.cli.demo_people import people

IMAGES = Path(__file__).parents[2] / "docs/images"
KEPT = bool(os.environ.get("CLIENTELA_IMAGES"))
CLIENTS = 60
PICTURED = ("clients", "client", "latency", "branches")
LOOKS = (
    ("pt-BR", 1440, "light"),
    ("pt-BR", 1440, "dark"),
    ("en-US", 1440, "light"),
    ("pt-BR", 320, "light"),
)


@pytest.fixture(scope="module")
def branch(addresses):
    """Start a company of two branches with some clients."""
    _, matriz, _ = addresses
    with httpx.Client(base_url=matriz, timeout=30) as line:
        for client in people(CLIENTS, 5):
            line.post("/client", json=client)
    return matriz


def show_list(page: Page) -> None:
    expect(page.get_by_test_id("client-row").nth(5)).to_be_visible()


def show_client(page: Page) -> None:
    page.get_by_test_id("client-row").nth(1).click()
    expect(page.get_by_role("heading", level=2).last).to_be_visible()
    expect(page.get_by_role("listitem").first).to_be_visible()


def show_new(page: Page) -> None:
    page.get_by_test_id("new-client").click()
    expect(page.get_by_test_id("client-form")).to_be_visible()


def show_view_menu(page: Page) -> None:
    page.get_by_test_id("view-menu").click()
    expect(page.get_by_role("menu")).to_be_visible()


def show_nobody(page: Page) -> None:
    expect(page.get_by_role("main").get_by_role("paragraph").nth(1)).to_be_visible()


def show_latency(page: Page) -> None:
    expect(page.get_by_test_id("latency-tile-p99")).to_contain_text(re.compile("µs|ms|s"))
    expect(page.get_by_test_id("log-row").first).to_be_visible()


def show_branches(page: Page) -> None:
    expect(page.get_by_test_id("facade-row")).to_have_count(2)


def show_heading(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_visible()


VIEWS = {
    "clients": ("/", show_list),
    "client": ("/", show_client),
    "new-client": ("/", show_new),
    "view-menu": ("/", show_view_menu),
    "nobody": ("/?q=xyzxyz", show_nobody),
    "latency": ("/latency", show_latency),
    "branches": ("/overview", show_branches),
    "outbox": ("/outbox", show_heading),
    "import": ("/import", show_heading),
    "nowhere": ("/nowhere", show_heading),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["pt-BR", "en-US"])
@pytest.mark.parametrize("width", [320, 768, 1440])
@pytest.mark.parametrize("view", VIEWS)
def test_it_is_accessible_whole_and_never_wider_than_the_screen(
    branch, open_page, axe, cut_off, view, width, locale, scheme
):
    path, show = VIEWS[view]
    page = open_page(branch + path, locale=locale, width=width)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    show(page)

    if KEPT and view in PICTURED and (locale, width, scheme) in LOOKS:
        page.screenshot(path=IMAGES / f"{view}-{locale}-{width}-{scheme}.png")
    assert axe(page) == []
    assert cut_off(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.querySelectorAll('*').length") < 800
