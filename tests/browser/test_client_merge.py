"""Two records of one person become one, in a real browser."""

import re
import uuid

import httpx
from playwright.sync_api import expect


def created(branch, **fields):
    """Create a client at a branch; gives its id."""
    answer = httpx.post(f"{branch}/client", json=fields)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"].partition("id=")[2]


def changed(server, client_id, **fields):
    assert httpx.patch(f"{server}/clients/{client_id}", json=fields).status_code == 200


def living(server, client_id):
    return httpx.get(f"{server}/clients/{client_id}").status_code == 200


def name():
    """Give a name that no other test has."""
    return f"Ana {uuid.uuid4().hex[:12]}"


def button(page, label):
    return page.get_by_role("button", name=re.compile(f"^{label}"))


def merge_with(page, text):
    button(page, "More actions").click()
    page.get_by_role("menuitem", name=re.compile("^Merge")).click()
    page.get_by_role("searchbox", name="Find the other record").fill(text)
    page.get_by_role("list", name="Records found").get_by_role("button", name=text).click()
    expect(page.get_by_test_id("merge-form")).to_be_visible()


def test_two_records_become_one_with_a_receipt_for_each_change(addresses, open_page):
    server, matriz, _ = addresses
    ana, double = name(), name()
    kept = created(matriz, name=ana, phone="11987651002")
    other = created(matriz, name=double, document="111.444.777-35", email="ana@example.com")
    page = open_page(f"{matriz}/clients/{kept}")

    merge_with(page, double)
    page.get_by_role("radio", name=f"The other {double}").check()
    button(page, "Merge").click()

    report = page.get_by_test_id("merge-report")
    expect(report).to_contain_text(f"Done: {ana} now has one record")
    ids = [line.get_attribute("data-write") for line in report.get_by_role("listitem").all()]
    receipts = [httpx.get(f"{server}/clients/writes/{write_id}").json() for write_id in ids]
    # The document changes hands, so the one that has it goes first.
    assert [(r["operation"], r["client_id"], r["outcome"]) for r in receipts] == [
        ("delete", other, "accepted"),
        ("update", kept, "accepted"),
    ]
    client = httpx.get(f"{server}/clients/{kept}").json()
    assert client["name"] == double
    assert client["document"] == "11144477735"
    assert client["phone"] == "+5511987651002"
    assert client["email"] == "ana@example.com"
    button(page, "Look at the client").click()
    expect(page.get_by_role("heading", name=double)).to_be_visible()


def test_a_merge_that_was_half_refused_says_so_and_can_be_finished(addresses, open_page):
    server, matriz, _ = addresses
    ana, double = name(), name()
    kept = created(matriz, name=ana)
    other = created(matriz, name=double, phone="11987651003")
    page = open_page(f"{matriz}/clients/{kept}")

    merge_with(page, double)
    changed(server, other, notes="Pays on Fridays")
    button(page, "Merge").click()

    report = page.get_by_test_id("merge-report")
    expect(report).to_contain_text(f"the other record ({double}) was not deleted")
    expect(report.get_by_role("listitem").filter(has_text="done").first).to_be_visible()
    expect(report).to_contain_text("Notes now: Pays on Fridays")
    assert httpx.get(f"{server}/clients/{kept}").json()["phone"] == "+5511987651003"
    assert living(server, other)
    button(page, "Compare again").click()
    button(page, "Merge").click()
    expect(report).to_contain_text("Done")
    assert httpx.get(f"{server}/clients/{kept}").json()["notes"] == "Pays on Fridays"
    assert not living(server, other)


def test_the_right_one_of_two_documents_must_be_chosen(addresses, open_page):
    _, matriz, _ = addresses
    double = name()
    kept = created(matriz, name=name(), document="390.533.447-05")
    created(matriz, name=double, document="12.ABC.345/01DE-35")
    page = open_page(f"{matriz}/clients/{kept}")
    sent = []
    page.on("request", lambda r: "/client/writes" in r.url and sent.append(r.url))

    merge_with(page, double)
    button(page, "Merge").click()

    result = page.get_by_role("textbox", name="CPF or CNPJ to keep")
    expect(result).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("Choose the right one.")).to_be_visible()
    assert sent == []
