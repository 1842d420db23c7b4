"""Texts that would be scripts, in every field that the API takes: pages show them as texts."""

from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import expect

SCRIPTS = [
    "<script>window.hacked=1</script>",
    '"><img src=x onerror="window.hacked=1">',
    "<svg onload=window.hacked=1>",
    "javascript:window.hacked=1//",
    "{{constructor.constructor('window.hacked=1')()}}${window.hacked=1}",
    "</title></textarea></style><script>window.hacked=1</script>",
]
PLANTED = 'script:not([src]), img[src="x"], svg[onload], [onerror], a[href^="javascript:"], iframe'
REPORT = {
    "state": "live", "version": None, "lag_ms": 0, "clients": 1,
    "digest": {"state": "agreed", "version": None, "agreed": True, "at": None, "rows_repaired": 0},
    "outbox": {"pending": 0, "refused": 0, "oldest_age_ms": None},
    "lost": 0, "requests": 1, "latency_us": None,
}  # fmt: skip


@pytest.fixture(scope="module")
def branch(addresses):
    server, matriz, _ = addresses
    with httpx.Client(timeout=30) as line:
        for number, text in enumerate(SCRIPTS):
            client = {"name": text, "notes": text, "email": f"hacked{number}@example.com"}
            made = line.post(f"{matriz}/client", json=client)
            assert made.status_code == 201, made.text
            where = matriz + made.headers["location"]
            changed = line.patch(where, json={"notes": f"{text} again"})
            assert changed.status_code == 200, changed.text
            line.post(f"{matriz}/client", json={"name": text, "document": text})
            line.get(f"{matriz}/{quote(text)}", headers={"traceparent": text})
        told = {**REPORT, "release": SCRIPTS[1], "last_error": SCRIPTS[0]}
        assert line.put(f"{server}/facades/hacked", json=told).status_code == 204
    return matriz


@pytest.fixture
def seen(open_page):
    """Open a page, and fail when anything in it was run, or stands there as an element."""
    pages = []

    def open_one(url):
        page = open_page(url)
        page.on("dialog", lambda dialog: pytest.fail(f"a dialog: {dialog.message}"))
        pages.append(page)
        return page

    yield open_one
    for page in pages:
        page.wait_for_timeout(200)
        assert page.evaluate("window.hacked") is None, page.url
        assert page.locator(f"body :is({PLANTED})").count() == 0, page.url


@pytest.mark.parametrize("number", range(len(SCRIPTS)))
def test_a_client_is_shown_as_it_was_written(branch, seen, number):
    page = seen(f"{branch}/?q=hacked{number}")

    page.get_by_test_id("client-row").first.click()

    expect(page.get_by_role("heading", level=2).last).to_contain_text(SCRIPTS[number][:10])
    expect(page.get_by_text(f"{SCRIPTS[number]} again").first).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/latency", "/overview", "/outbox", "/import", "/nowhere"])
def test_no_page_runs_what_it_shows(branch, seen, path):
    page = seen(branch + path)

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("load")


@pytest.mark.parametrize("text", SCRIPTS[1:3])
def test_an_address_is_no_script(branch, seen, text):
    for path in (f"/?q={quote(text)}", f"/nowhere/{quote(text, safe='')}#{quote(text)}"):
        page = seen(branch + path)

        expect(page.get_by_role("main")).to_be_visible()
