"""The content security policy: strict, told with every page, and nothing of ours runs into it."""

import re

import httpx
import pytest
from playwright.sync_api import expect


def policy_of(answer):
    told = answer.headers["content-security-policy"].split("; ")
    return {name: values for name, *values in map(str.split, told)}


@pytest.mark.parametrize("path", ["/", "/clients/x", "/latency", "/outbox", "/docs", "/sw.js"])
def test_nothing_inline_and_nothing_from_elsewhere_is_allowed(addresses, path):
    _, matriz, _ = addresses
    answer = httpx.get(matriz + path, headers={"Accept": "text/html"})
    policy = policy_of(answer)

    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == ["'self'"]
    assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in answer.headers["permissions-policy"]
    assert "strict-transport-security" not in answer.headers  # not over plain HTTP (RFC 6797)


def test_the_policy_stops_what_is_written_into_a_page(addresses, browser):
    _, matriz, _ = addresses
    page = browser.new_page()
    page.goto(matriz)
    stopped = page.evaluate("""() => new Promise((resolve) => {
        const found = [];
        addEventListener("securitypolicyviolation", (event) => {
            found.push(event.effectiveDirective);
            if (found.length === 2) resolve(found.sort());
        });
        const script = document.createElement("script");
        script.textContent = "window.written = true";
        const style = document.createElement("style");
        style.textContent = "body { color: red }";
        document.head.append(script, style);
    })""")
    ran = page.evaluate("window.written === true")
    page.close()

    assert (stopped, ran) == (["script-src-elem", "style-src-elem"], False)


def test_dialogs_menus_and_popovers_stay_within_the_policy(addresses, open_page):
    _, matriz, _ = addresses
    page = open_page(matriz)
    page.get_by_role("button", name="Preferences").click()
    expect(page.get_by_role("menu")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    held = page.evaluate("getComputedStyle(document.body).overflow")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    assert held == "hidden"  # by the sheet that stands for react-style-singleton's
    page.wait_for_function("getComputedStyle(document.body).overflow !== 'hidden'")


@pytest.mark.parametrize("service", [0, 1])
def test_the_documentation_page_works_without_an_inline_script(addresses, open_page, service):
    page = open_page(addresses[service] + "/docs")
    expect(page.locator("#swagger-ui .info .title")).to_contain_text("Clientela")
    expect(page).to_have_title(re.compile("^Clientela (server|client facade)"))
    page.locator(".opblock-summary-control").first.click()
    expect(page.locator(".opblock-body").first).to_be_visible()
