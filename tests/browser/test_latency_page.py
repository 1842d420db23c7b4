"""The latency page over a real branch: heatmap, tail, traces, target, and its address."""

import re
import time

import httpx
import pytest
from playwright.sync_api import expect

READS = 40


@pytest.fixture(scope="module")
def branch(addresses):
    """Start a branch that has answered some reads, and writes through the server."""
    _, url, _ = addresses
    with httpx.Client(base_url=url, timeout=30) as client:
        for _ in range(READS):
            client.get("/client", params={"limit": 5}).raise_for_status()
        for name in ("Ana", "Bia", "Caio"):
            client.post("/client", json={"name": name}).raise_for_status()
    return url


def rows(page):
    return page.get_by_test_id("log-row")


def open_latency(open_page, branch, query="", **context):
    page = open_page(f"{branch}/latency{query}", **context)
    expect(rows(page).first).to_be_visible()
    return page


def drag_over_everything(page):
    """Draw a rectangle over the whole chart, from its top right to its bottom left."""
    chart = page.get_by_test_id("heatmap")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    page.mouse.move(box["x"] + box["width"] - 4, box["y"] + 4)
    page.mouse.down()
    page.mouse.move(box["x"] + 4, box["y"] + box["height"] - 4, steps=4)
    page.mouse.up()


def question(page):
    return page.evaluate("Object.fromEntries(new URLSearchParams(location.search))")


def test_a_rectangle_on_the_heatmap_filters_the_log_and_its_chip_takes_that_back(branch, open_page):
    page = open_latency(open_page, branch, "?method=POST")
    expect(rows(page)).to_have_count(3)

    drag_over_everything(page)

    chip = page.get_by_test_id("latency-selection")
    expect(chip).to_be_visible()
    expect(rows(page)).to_have_count(3)
    begin, end, least, most = map(int, question(page)["sel"].split("_"))
    found = httpx.get(f"{branch}/logs", params={"method": "POST"}).json()
    assert all(least <= entry["latency_us"] <= most for entry in found)
    assert begin < end
    page.goto(f"{branch}/latency?method=POST&sel={begin}_{end}_{most + 1}_{most + 2}")
    expect(page.get_by_text("No request matches these filters.")).to_be_visible()
    chip.get_by_role("button").click()
    expect(rows(page)).to_have_count(3)
    expect(chip).to_have_count(0)


def test_a_selection_is_zoomed_into_and_left_again(branch, open_page):
    page = open_latency(open_page, branch)
    drag_over_everything(page)

    page.get_by_role("button", name="Zoom in").click()

    expect(page.get_by_test_id("latency-live")).to_have_text("Fixed span")
    assert list(question(page)) == ["zoom"]
    page.get_by_role("button", name="Back to the range").click()
    expect(page.get_by_test_id("latency-live")).to_have_text("Live")
    page.go_back()
    expect(page.get_by_test_id("latency-live")).to_have_text("Fixed span")


def test_the_heatmap_is_walked_through_by_keyboard(branch, open_page):
    page = open_latency(open_page, branch)
    chart = page.get_by_test_id("heatmap")
    chart.focus()

    page.keyboard.press("ArrowUp")
    cursor = page.get_by_test_id("heatmap-cursor")
    expect(cursor).to_contain_text(re.compile("request.*p50.*p95.*p99", re.DOTALL))
    page.keyboard.press("Shift+Home")
    page.keyboard.press("Enter")

    expect(page.get_by_test_id("latency-selection")).to_be_visible()


def test_a_finger_looks_at_a_cell_and_draws_a_rectangle(branch, open_page):
    page = open_latency(open_page, branch)
    box = page.get_by_test_id("heatmap").bounding_box()
    session = page.context.new_cdp_session(page)
    right, left = box["x"] + box["width"] - 20, box["x"] + 100

    def touch(kind, *points):
        places = [{"x": x, "y": y} for x, y in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    touch("touchStart", (right, box["y"] + 40))
    touch("touchEnd")
    expect(page.get_by_test_id("heatmap-cursor")).to_be_visible()
    expect(page.get_by_test_id("latency-selection")).to_have_count(0)
    touch("touchStart", (right, box["y"] + 40))
    touch("touchMove", ((right + left) / 2, box["y"] + 60))
    touch("touchMove", (left, box["y"] + 200))
    touch("touchEnd")

    expect(page.get_by_test_id("latency-selection")).to_be_visible()


def test_the_tail_shows_a_new_request_at_once_and_a_pause_holds_it(branch, open_page):
    page = open_page(f"{branch}/latency?route=/client/history")
    expect(page.get_by_text("Nothing in this range")).to_be_visible()
    expect(page.get_by_test_id("latency-live")).to_have_text("Live")

    def ask():
        # Whichever client: a request that finds nobody is measured as well.
        httpx.get(f"{branch}/client/history", params={"id": "0198c5a2-0000-7000-8000-000000000001"})

    ask()
    expect(rows(page)).to_have_count(1)

    page.get_by_role("button", name="Pause").click()
    ask()
    ask()
    expect(page.get_by_test_id("latency-live")).to_contain_text("2 new requests")
    expect(rows(page)).to_have_count(1)
    page.get_by_role("button", name="Resume").click()
    expect(rows(page)).to_have_count(3)


def test_an_entry_opens_with_its_trace_over_branch_and_server_and_copies_as_curl(branch, open_page):
    page = open_latency(open_page, branch, "?method=POST")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    rows(page).first.click()

    dialog = page.get_by_role("dialog", name="POST /client")
    spans = dialog.get_by_test_id("trace-row")
    expect(spans).to_have_count(2)
    expect(spans.first).to_contain_text("matriz")
    expect(spans.last).to_contain_text("server")
    expect(spans.last).to_contain_text("POST /clients/writes")
    dialog.get_by_role("button", name="Copy as curl").click()
    expect(dialog.get_by_role("button", name="Copied")).to_be_visible()
    command = page.evaluate("navigator.clipboard.readText()")
    assert command.startswith(f"curl -i -X POST '{branch}/client' ")

    page.reload()
    expect(dialog.get_by_test_id("trace-row")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert question(page) == {"method": "POST"}


def test_target_range_filters_and_grouping_outlive_a_reload_and_go_back(branch, open_page):
    page = open_latency(open_page, branch)

    page.get_by_label("Time in milliseconds").fill("60000")
    page.get_by_role("button", name="Set", exact=True).click()
    page.get_by_text("1 h", exact=True).click()
    page.get_by_label("Method").select_option("POST")
    page.get_by_text("Status", exact=True).first.click()

    asked = {"range": "1h", "method": "POST", "slo": "99_60000", "by": "status"}
    page.wait_for_function("location.search.includes('by=status')")
    assert question(page) == asked
    page.reload()
    expect(page.get_by_test_id("latency-target")).to_have_text("100% within 60 s: target met")
    expect(page.get_by_role("button", name="Filter by 2xx")).to_be_visible()
    assert question(page) == asked
    page.go_back()
    expect(page.get_by_role("button", name="Filter by /client", exact=True)).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Method")).to_have_value("")


def test_a_target_below_every_latency_is_told_as_missed(branch, open_page):
    page = open_latency(open_page, branch, "?slo=99_0.001")

    expect(page.get_by_test_id("latency-target")).to_have_text("0% within 1 µs: target missed")


def test_the_table_has_the_numbers_of_the_heatmap(branch, open_page):
    page = open_latency(open_page, branch, "?method=POST&range=1h")

    page.get_by_role("button", name="Show as table").click()

    table = page.get_by_role("table", name="Heatmap as a table")
    counts = table.locator("tbody tr td:first-of-type").all_inner_texts()
    assert sum(map(int, counts)) == 3
    page.reload()
    expect(table).to_be_visible()


def test_a_route_of_the_table_filters_everything(branch, open_page):
    page = open_latency(open_page, branch)

    page.get_by_role("button", name="Filter by /client", exact=True).click()

    route = page.get_by_role("combobox", name="Route")
    expect(route).to_have_value("/client")
    expect(rows(page).filter(has_text="/logs")).to_have_count(0)
    page.get_by_role("button", name="Clear filters").click()
    expect(route).to_have_value("")


def test_the_page_says_when_its_branch_is_gone_and_goes_on_when_it_is_back(programs, open_page):
    server = programs.server().start()
    facade = programs.facade(server.url).start()
    page = open_latency(open_page, facade.url)
    expect(page.get_by_test_id("latency-live")).to_have_text("Live")

    facade.stop()
    page.get_by_text("1 h", exact=True).click()
    expect(page.get_by_text("The measurements could not be read.").first).to_be_visible()
    facade.start()

    page.get_by_role("button", name="Try again").first.click()
    expect(page.get_by_test_id("latency-tile-p99")).to_contain_text(re.compile("µs|ms|s"))
    expect(page.get_by_test_id("latency-live")).to_have_text("Live", timeout=15_000)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("state", ["", "?view=table&slo=99_1", "entry"])
def test_nothing_keeps_people_out(branch, open_page, axe, theme, state):
    page = open_latency(open_page, branch, "?method=POST" if state == "entry" else state)
    page.evaluate("theme => localStorage.setItem('clientela.theme', theme)", theme)
    page.reload()
    expect(rows(page).first).to_be_visible()
    if state == "entry":
        rows(page).first.click()
        expect(page.get_by_test_id("trace-row")).to_have_count(2)
    assert page.evaluate("document.documentElement.dataset.theme") == theme

    assert axe(page) == []


@pytest.mark.parametrize("width", [320, 768, 1440])
@pytest.mark.parametrize("locale", ["pt-BR", "en-US"])
def test_the_page_fits_its_window_and_stays_small(branch, open_page, width, locale):
    page = open_latency(open_page, branch, "?slo=99_20", locale=locale, width=width)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    beyond = page.evaluate(
        "width => [...document.querySelectorAll('main *')].filter(each => "
        "each.getBoundingClientRect().right > width + 0.5).map(({outerHTML}) => outerHTML)",
        width,
    )
    assert beyond == []
    assert page.evaluate("document.querySelectorAll('*').length") < 800


def test_leaving_the_page_ends_its_tail(branch, open_page):
    opened_us = time.time_ns() // 1_000
    page = open_latency(open_page, branch)
    expect(page.get_by_test_id("latency-live")).to_have_text("Live")

    page.get_by_role("link", name="Clients").click()

    # A stream is logged when it has ended.
    page.wait_for_function(
        """async opened_us => {
          const answer = await fetch("/logs?route=/logs/tail");
          return (await answer.json()).some(({id, latency_us, parts}) =>
            parseInt(id.slice(0, 14), 16) - latency_us - parts.live >= opened_us);
        }""",
        arg=opened_us,
    )
