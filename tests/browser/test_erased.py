"""A browser forgets who was erased: at once where a page is open, else at its next contact."""

import time

import httpx
import pytest
from playwright.sync_api import expect

# All that the pages keep in a browser, as one text.
KEPT = """async () => {
    const texts = [JSON.stringify({ ...sessionStorage }), JSON.stringify({ ...localStorage })];
    for (const { name } of await indexedDB.databases()) {
        const database = await new Promise((resolve, reject) => {
            const request = indexedDB.open(name);
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => reject(request.error);
        });
        for (const store of database.objectStoreNames) {
            const request = database.transaction(store).objectStore(store).getAll();
            await new Promise((resolve) => { request.onsuccess = resolve; });
            texts.push(JSON.stringify(request.result));
        }
        database.close();
    }
    for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys()) {
            if (!request.url.includes("/assets/")) {
                texts.push(await (await cache.match(request)).text());
            }
        }
    }
    return texts.join("\\n");
}"""


@pytest.fixture
def pair(programs):
    server = programs.server().start()
    facade = programs.facade(server.url).start()
    until(lambda: httpx.get(f"{facade.url}/sync").json()["state"] == "live")
    return server, facade


def until(condition, timeout_s=20):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def insert(facade, name, **fields):
    answer = httpx.post(f"{facade.url}/client", json={"name": name, **fields})
    return answer.headers["Location"].partition("id=")[2]


def erase(server, client_id):
    assert httpx.post(f"{server.url}/clients/{client_id}/erasure").status_code == 200


def with_a_draft(page, facade, client_id, name):
    """Have a page show a client, keep it, and hold what was typed of it."""
    page.goto(f"{facade.url}/")
    expect(page.get_by_test_id("client-row").filter(has_text=name)).to_have_count(1)
    page.goto(f"{facade.url}/clients/{client_id}")
    page.get_by_role("button", name="Edit").first.click()
    page.get_by_label("Notes").fill("gaiola")
    until(lambda: "gaiola" in page.evaluate(KEPT))
    page.goto(f"{facade.url}/")
    expect(page.get_by_test_id("client-row").filter(has_text=name)).to_have_count(1)


def has_forgotten(page):
    canaries = ("Zeferina", "gaiola", "976543219")
    until(lambda: not [one for one in canaries if one in page.evaluate(KEPT)])
    return page.evaluate(KEPT)


def test_an_open_page_forgets_at_once(pair, open_page):
    server, facade = pair
    insert(facade, "Ana")
    person = insert(facade, "Zeferina", phone="11976543219")
    page = open_page(facade.url)
    with_a_draft(page, facade, person, "Zeferina")
    assert "Zeferina" in page.evaluate(KEPT)

    erase(server, person)

    assert "Ana" in has_forgotten(page)
    expect(page.get_by_text("Zeferina")).to_have_count(0)


def test_a_browser_that_was_closed_forgets_at_its_next_contact(pair, open_page):
    server, facade = pair
    insert(facade, "Ana")
    person = insert(facade, "Zeferina", phone="11976543219")
    page = open_page(facade.url)
    with_a_draft(page, facade, person, "Zeferina")
    page.goto("about:blank")
    erase(server, person)
    facade.stop()
    facade.start()

    page.goto(f"{facade.url}/latency")  # where no list is read

    assert "Ana" in has_forgotten(page)
