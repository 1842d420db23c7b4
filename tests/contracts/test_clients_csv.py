"""Clients as rows for a spreadsheet, from either service."""

import csv
import io

import pytest

CSV = {"Accept": "text/csv"}
HEADER = ["id", "name", "document", "phone", "email", "notes", "created_at", "updated_at"]


@pytest.fixture(scope="module")
def register(pair, write):
    """Some clients, more than a streamed page; one of them with everything that needs care."""
    server = pair["server"]
    odd = {"name": 'Zoë "Zé", =1', "phone": "+5511987654321", "notes": "first\nsecond; third"}
    writes = [write("insert", set={"name": f"Client {number}"}) for number in range(620)]
    writes.append(write("insert", set=odd))
    server.submit(*writes)
    return sorted(sent["client_id"] for sent in writes)


def rows(answer):
    return list(csv.DictReader(io.StringIO(answer.text, newline=""), strict=True))


def test_every_client_is_a_row_in_the_order_of_the_list(service, register):
    answer = service.get(service.clients, headers=CSV)

    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.text.startswith(",".join(HEADER) + "\r\n")
    assert [row["id"] for row in rows(answer)] == register


@pytest.mark.usefixtures("register")
def test_a_row_holds_what_the_client_holds(service):
    clients = {client["id"]: client for client in service.get(service.clients).json()}

    for row in rows(service.get(service.clients, headers=CSV)):
        client = clients[row["id"]]
        row["phone"] = row["phone"].removeprefix("'")
        assert row == {name: client[name] or "" for name in HEADER}


@pytest.mark.usefixtures("register")
def test_a_number_with_its_plus_is_no_formula(service):
    (row,) = [row for row in rows(service.get(service.clients, headers=CSV)) if row["phone"]]

    assert row["phone"] == "'+5511987654321"


def test_a_page_of_rows_tells_the_next_one(service, register):
    first = service.get(service.clients, headers=CSV, params={"limit": 600})
    second = service.get(first.links["next"]["url"], headers=CSV)

    assert [row["id"] for row in [*rows(first), *rows(second)]] == register


@pytest.mark.usefixtures("register")
def test_a_search_is_rows_of_those_that_match(facade):
    answer = facade.get("/client", headers=CSV, params={"q": "zoe"})

    assert [row["name"] for row in rows(answer)] == ['Zoë "Zé", =1']


@pytest.mark.usefixtures("register")
def test_a_search_that_finds_nobody_is_a_header_alone(facade):
    answer = facade.get("/client", headers=CSV, params={"q": "nobody-at-all"})

    assert answer.text.splitlines() == [",".join(HEADER)]
