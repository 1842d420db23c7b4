"""A real Chromium for tests: the system's own, or Playwright's."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

# WCAG 2.2 AA has rules that axe-core runs only where they are named.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# Texts whose end is hidden.
CUT_OFF = """() => [...document.querySelectorAll("main *, header *, nav *")]
    .filter((element) => {
        const { overflowX, overflowY } = getComputedStyle(element);
        const hides = (way) => way === "hidden" || way === "clip";
        if (element.clientWidth <= 1) return false; // for screen readers alone
        return (hides(overflowX) && element.scrollWidth > element.clientWidth + 1)
            || (hides(overflowY) && element.scrollHeight > element.clientHeight + 1);
    })
    .filter((element) => element.innerText?.trim() && !element.querySelector("[role=row]"))
    .map((element) => element.innerText)"""


# Not for the whole session: while it lives, an event loop runs in this thread, and asynchronous
# tests can't begin another.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=next(found, None), args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def addresses(shared_programs, free_ports_of) -> tuple[str, str, str]:
    """Start everything on one machine; gives the addresses of the server and of two branches."""
    port = free_ports_of(4)
    data = str(shared_programs.folder / "data")
    shared_programs.program("up", ["up", "--data", data, "--port", str(port)], port).start()
    server, matriz, filial = (f"http://127.0.0.1:{port + i}" for i in range(3))
    shared_programs.wait_for(f"{matriz}/readyz")
    shared_programs.wait_for(f"{filial}/readyz")
    return server, matriz, filial


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """Judge a page by axe-core: the rules that it breaks, and where."""
    source = AXE.read_text()

    def judge(page: Page) -> list[str]:
        page.evaluate(source)
        found = page.evaluate("tags => axe.run({ runOnly: tags })", RULES)["violations"]
        return [f"{v['id']}: {[node['html'] for node in v['nodes']]}" for v in found]

    return judge


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open pages in contexts of their own; a script error in any of them fails the test.

    So does whatever the content security policy stopped, and a request to another origin.
    """
    faults: list[str] = []
    contexts = []

    def open_one(url: str, *, locale: str = "en-US", width: int = 1280) -> Page:
        context = browser.new_context(locale=locale, viewport={"width": width, "height": 800})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: _check_policy(message.text, faults))
        page.on("request", lambda request: _check_origin(request.url, url, faults))
        page.goto(url)
        return page

    yield open_one
    for context in contexts:
        context.close()

    assert faults == []


def _check_policy(message: str, faults: list[str]) -> None:
    if "Content Security Policy" in message:
        faults.append(message)


def _check_origin(requested: str, url: str, faults: list[str]) -> None:
    if not requested.startswith((url.split("/", 3)[0] + "//" + url.split("/", 3)[2], "data:")):
        faults.append(f"a request to another origin: {requested}")


# A function as a fixture, for test folders are not packages to import from.
@pytest.fixture(scope="session")
def cut_off() -> Callable[[Page], list[str]]:
    """Find the texts of a page that do not show whole."""
    return lambda page: page.evaluate(CUT_OFF)
