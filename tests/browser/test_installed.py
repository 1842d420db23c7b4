"""The pages as an installed application: they open without their facade."""

import re
import struct

import httpx
import pytest
from playwright.sync_api import expect


@pytest.fixture
def facade(programs):
    server = programs.server().start()
    return programs.facade(server.url).start()


def visited(open_page, facade, path="/", **how):
    """Open a page and wait until its files are kept."""
    page = open_page(facade.url + path, **how)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return page


def test_without_the_facade_the_list_is_as_it_was_seen_and_comes_back_by_itself(facade, open_page):
    httpx.post(f"{facade.url}/client", json={"name": "Ana Souza", "phone": "11987654321"})
    page = visited(open_page, facade)
    expect(page.get_by_test_id("client-row")).to_contain_text("Ana Souza")

    facade.stop()
    page.reload()

    seen = page.get_by_test_id("last-seen")
    expect(seen.get_by_role("status")).to_have_text(re.compile(r"The list as seen at \d\d:\d\d"))
    expect(seen.get_by_role("listitem")).to_have_text(["Ana Souza(11) 98765-4321"])
    expect(seen.get_by_role("button")).to_have_count(0)
    expect(seen.get_by_role("link")).to_have_count(0)

    facade.start()

    expect(page.get_by_test_id("client-row")).to_contain_text("Ana Souza")
    expect(seen).to_have_count(0)


@pytest.mark.parametrize("path", ["/clients/0198c5a2-0000-7000-8000-000000000001", "/import"])
def test_every_page_opens_without_the_facade(facade, open_page, path):
    page = visited(open_page, facade, path)

    facade.stop()
    page.reload()

    expect(page.get_by_role("link", name="Clients").first).to_be_visible()


def test_the_api_is_never_answered_from_what_was_kept(facade, open_page):
    page = visited(open_page, facade)
    page.reload()
    read = "fetch('/client').then((answer) => answer.status, () => 'no answer')"
    assert page.evaluate(read) == 200

    facade.stop()

    assert page.evaluate(read) == "no answer"


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
def test_the_list_as_it_was_seen_is_accessible(facade, open_page, axe, width, scheme):
    httpx.post(f"{facade.url}/client", json={"name": "Ana Souza", "phone": "11987654321"})
    page = visited(open_page, facade, width=width)
    page.emulate_media(color_scheme=scheme)
    facade.stop()
    page.reload()
    seen = page.get_by_test_id("last-seen")
    expect(seen).to_be_visible()

    assert axe(page) == []
    assert seen.evaluate("(list) => list.scrollWidth <= list.clientWidth")


def test_the_manifest_names_icons_that_are_there(facade, open_page):
    page = open_page(facade.url)
    address = page.locator("link[rel=manifest]").get_attribute("href")

    answer = httpx.get(facade.url + address)

    manifest = answer.json()
    assert answer.headers["content-type"].startswith("application/manifest+json")
    assert (manifest["start_url"], manifest["display"]) == ("/", "standalone")
    drawn = [icon for icon in manifest["icons"] if icon["type"] == "image/png"]
    for icon in drawn:
        image = httpx.get(facade.url + icon["src"]).content
        width, height = struct.unpack(">II", image[16:24])
        assert f"{width}x{height}" == icon["sizes"]
    assert [(icon["sizes"], icon.get("purpose")) for icon in drawn] == [
        ("192x192", None),
        ("512x512", None),
        ("512x512", "maskable"),
    ]


def test_the_worker_is_asked_for_each_time_and_serves_every_page(facade):
    headers = httpx.get(f"{facade.url}/sw.js").headers

    assert headers["content-type"].startswith("text/javascript")
    assert headers["cache-control"] == "no-cache"
    assert headers["service-worker-allowed"] == "/"


def test_the_policy_allows_workers_and_a_manifest_of_its_own_only(facade):
    policy = httpx.get(facade.url).headers["content-security-policy"]

    assert {"worker-src 'self'", "manifest-src 'self'"} <= set(policy.split("; "))
