"""What a browser has to fetch before it shows the pages, and what it fetches only when needed."""

import re
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "src/clientela/client_facade/pages"

FIRST_SCRIPTS_GZIP_BYTES_MAX = 180_000
FIRST_STYLES_GZIP_BYTES_MAX = 10_000
LATENCY_GZIP_BYTES_MAX = 40_960

_LINKED = re.compile(r'(?:src|href)="/(assets/[^"]+)"')
_IMPORTED = re.compile(r'(?:from|import)\s*"\./([^"]+)"')


def packed(names) -> int:
    """Give the size of files as they are sent; small ones are sent as they are."""
    files = [PAGES / f"{name}.gz" for name in names]
    return sum((file if file.exists() else file.with_suffix("")).stat().st_size for file in files)


def with_imports(names: set[str]) -> set[str]:
    """Add the scripts that scripts need before they run."""
    found = set(names)
    waiting = list(names)
    while waiting:
        text = (PAGES / waiting.pop()).read_text()
        more = {f"assets/{name}" for name in _IMPORTED.findall(text)} - found
        found |= more
        waiting += more
    return found


def script(name: str) -> set[str]:
    (found,) = (PAGES / "assets").glob(f"{name}-*.js")
    return {f"assets/{found.name}"}


@pytest.fixture(scope="module")
def first() -> set[str]:
    """Give all that is fetched at a first visit, in the larger of the languages."""
    linked = set(_LINKED.findall((PAGES / "index.html").read_text()))
    return linked | with_imports({name for name in linked if name.endswith(".js")} | script("pt"))


def test_the_scripts_of_a_first_visit_are_within_their_budget(first):
    scripts = {name for name in first if name.endswith(".js")}

    assert packed(scripts) <= FIRST_SCRIPTS_GZIP_BYTES_MAX


def test_the_styles_of_a_first_visit_are_within_their_budget(first):
    styles = {name for name in first if name.endswith(".css")}

    assert 0 < packed(styles) <= FIRST_STYLES_GZIP_BYTES_MAX


def test_the_latency_page_adds_no_more_than_its_budget(first):
    added = with_imports(script("LatencyPage")) - first

    assert 0 < packed(added) <= LATENCY_GZIP_BYTES_MAX


@pytest.mark.parametrize("name", ["ImportPage", "MergeDialog", "ClientHistory", "TaskDialog"])
def test_what_few_visits_need_is_fetched_by_those(first, name):
    assert not script(name) & first
