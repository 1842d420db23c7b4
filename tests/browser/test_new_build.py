"""A new build of the pages takes over from the one that a browser has kept."""

import shutil
import threading
import time

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import expect

from clientela.client_facade.pages import PAGES, add_pages


class Site:
    """The built pages, served by the facade's own code from a folder that can be changed."""

    def __init__(self, folder, port):
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        shutil.copytree(PAGES, folder, ignore=shutil.ignore_patterns("*.gz"))
        app = FastAPI()
        add_pages(app, folder)
        self._server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
        self._thread = threading.Thread(target=self._server.run)

    def start(self):
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)

    def stop(self):
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join()

    def deploy_second_build(self):
        """Give every asset a new name, as if all of them had changed."""
        assets = [path.name for path in (self.folder / "assets").iterdir()]
        for path in self.folder.rglob("*.*"):
            if path.suffix in {".js", ".css", ".html"}:
                text = path.read_text()
                for name in assets:
                    text = text.replace(name, f"second-{name}")
                path.write_text(text)
        for name in assets:
            (self.folder / "assets" / name).rename(self.folder / "assets" / f"second-{name}")
        worker = self.folder / "sw.js"
        worker.write_text(worker.read_text().replace('{"name":"', '{"name":"second-', 1))


@pytest.fixture
def site(tmp_path, free_ports_of):
    served = Site(tmp_path / "pages", free_ports_of(1))
    served.start()
    yield served
    served.stop()


KEPT = """async () => {
    const kept = async () => {
        const { installing, waiting, active } = await navigator.serviceWorker.getRegistration();
        const builds = await caches.keys();
        const settled = !installing && !waiting && active.state === "activated";
        return settled && builds.some((name) => name.includes("second-"));
    };
    while (!(await kept())) await new Promise((resolve) => setTimeout(resolve, 20));
}"""


def visited(open_page, site):
    page = open_page(site.url)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()  # from here on the worker sees what the page asks for
    return page


def scripts(page):
    return page.evaluate("[...document.scripts].map(({ src }) => src.includes('/second-'))")


def test_it_is_shown_at_the_next_navigation_and_kept_for_later(site, open_page):
    page = visited(open_page, site)
    assert not any(scripts(page))
    site.deploy_second_build()

    page.reload()
    expect(page.get_by_role("link", name="Latency")).to_be_visible()
    assert all(scripts(page))

    page.evaluate(KEPT)
    site.stop()
    page.reload()
    expect(page.get_by_role("link", name="Latency")).to_be_visible()
    assert all(scripts(page))


def test_a_page_of_the_build_before_still_finds_its_own_files(site, open_page):
    old = visited(open_page, site)
    site.deploy_second_build()
    new = old.context.new_page()
    new.goto(site.url)
    new.evaluate(KEPT)
    old.context.new_cdp_session(old).send("Network.clearBrowserCache")

    old.get_by_role("link", name="Latency").click()

    expect(old.get_by_role("heading", level=1)).to_have_text("Latency")
    assert not any(scripts(old))
