"""How every branch is, seen from one of them."""

import re

import httpx
from playwright.sync_api import expect

GONE_MS = 60_000  # a branch reports every 5 s; it is missed after 15


def row(page, branch):
    return page.get_by_test_id("facade-row").filter(has_text=branch)


def test_a_branch_that_stops_is_told_without_a_reload_and_so_is_its_return(programs, open_page):
    server = programs.server().start()
    matriz = programs.facade(server.url, "matriz").start()
    filial = programs.facade(server.url, "filial").start()
    httpx.post(f"{matriz.url}/client", json={"name": "Ana Souza"}).raise_for_status()
    page = open_page(f"{matriz.url}/overview")
    expect(page.get_by_text("2 in step")).to_be_visible()
    expect(row(page, "filial")).to_contain_text(re.compile("1 client.*In step.*Agrees"))

    filial.stop()

    expect(row(page, "filial")).to_contain_text("No news", timeout=GONE_MS)
    expect(page.get_by_test_id("facade-row").first).to_contain_text("filial")
    filial.start()
    expect(row(page, "filial")).to_contain_text("In step", timeout=GONE_MS)


def test_without_the_server_it_says_of_when_it_is_and_recovers(programs, open_page):
    server = programs.server().start()
    matriz = programs.facade(server.url, "matriz").start()
    page = open_page(f"{matriz.url}/overview")
    expect(row(page, "matriz")).to_be_visible()

    server.kill()

    notice = page.get_by_role("status").filter(has_text="The server does not answer")
    expect(notice.filter(has_text=re.compile(r"\d\d:\d\d:\d\d"))).to_be_visible(timeout=GONE_MS)
    expect(row(page, "matriz")).to_be_visible()
    server.start()
    expect(notice).to_have_count(0, timeout=GONE_MS)
