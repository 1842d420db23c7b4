"""Lists: the whole register, pages of it, lines; and the parameters they take."""

import json
from itertools import chain

import pytest

NDJSON = {"Accept": "application/x-ndjson"}


@pytest.fixture(scope="module")
def register(pair, write):
    """Some clients, more than a streamed page of the whole list; their ids in order."""
    server = pair["server"]
    writes = [write("insert", set={"name": f"Client {number}"}) for number in range(620)]
    last = server.submit(*writes)[-1]
    pair["facade"].submit({**writes[-1]})  # answered once the facade holds it
    assert pair["facade"].tail() == last["version"]
    return sorted(sent["client_id"] for sent in writes)


def ids(answer):
    return [client["id"] for client in answer.json()]


def lines(answer):
    return [json.loads(line)["id"] for line in answer.text.splitlines()]


def pages(service, path, headers=None, read=ids):
    """Follow the links to the end; gives the ids of each page."""
    found = []
    while path:
        answer = service.get(path, headers=headers)
        found.append(read(answer))
        path = answer.links.get("next", {}).get("url")
    return found


def test_without_a_limit_every_client_comes_in_the_order_of_ids(service, register):
    answer = service.get(service.clients)

    assert ids(answer) == register
    assert "link" not in answer.headers


def test_desc_is_the_opposite_order(service, register):
    answer = service.get(service.clients, params={"order": "desc"})

    assert ids(answer) == register[::-1]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize(("limit", "expected"), [(250, [250, 250, 120]), (310, [310, 310])])
def test_pages_have_every_client_once(service, register, order, limit, expected):
    found = pages(service, f"{service.clients}?limit={limit}&order={order}")

    in_order = register if order == "asc" else register[::-1]
    assert [len(page) for page in found] == expected
    assert list(chain(*found)) == in_order


def test_pages_of_lines_have_every_client_once(service, register):
    found = pages(service, f"{service.clients}?limit=250", headers=NDJSON, read=lines)

    assert [len(page) for page in found] == [250, 250, 120]
    assert list(chain(*found)) == register


def test_a_link_is_a_path_with_the_same_parameters(service, register):
    answer = service.get(f"{service.clients}?order=desc&limit=3")

    path = f"{service.clients}?order=desc&limit=3&cursor={register[-3]}"
    assert answer.headers["link"] == f'<{path}>; rel="next"'


def test_a_client_inserted_meanwhile_shifts_no_page(service, register):
    newest_first = f"{service.clients}?limit=10&order=desc"
    first = service.get(newest_first)
    late = service.insert(name="Late")

    second = service.get(first.links["next"]["url"])

    service.delete(service.one(late))
    assert ids(first) + ids(second) == register[::-1][:20]


def test_with_a_cursor_alone_the_rest_comes(service, register):
    answer = service.get(service.clients, params={"cursor": register[600]})

    assert ids(answer) == register[601:]


def test_after_the_last_there_is_an_empty_array(service, register):
    answer = service.get(service.clients, params={"cursor": register[-1], "limit": 5})

    assert (answer.content, "link" in answer.headers) == (b"[]", False)


def test_lines_hold_the_same_clients_as_the_array(service, register):
    answer = service.get(service.clients, headers=NDJSON)

    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["vary"] == "Accept"
    assert answer.text.endswith("}\n")
    assert [json.loads(line) for line in answer.text.splitlines()] == (
        service.get(service.clients).json()
    )
    assert len(lines(answer)) == len(register)


def test_no_clients_are_no_lines(service, register):
    answer = service.get(service.clients, params={"cursor": register[-1]}, headers=NDJSON)

    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.usefixtures("register")
def test_both_services_list_the_same_bytes(server, facade):
    assert facade.get("/client").content == server.get("/clients").content


def test_the_servers_first_page_tells_where_to_follow_from(server, register):
    answer = server.get("/clients?limit=1")

    assert ids(answer) == register[:1]
    assert answer.headers["stream-next-offset"] == server.tail()


@pytest.mark.usefixtures("register")
def test_head_of_a_list_has_no_body_and_ends(service):
    answer = service.head(service.clients)

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=10001", "limit"),
        ("limit=ten", "limit"),
        ("limit=", "limit"),
        ("limit=1.5", "limit"),
        ("limit=" + "9" * 5_000, "limit"),
        ("cursor=", "cursor"),
        ("cursor=1", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=%F0%9F", "cursor"),
        ("order=newest", "order"),
        ("order=", "order"),
        ("limt=5", "limt"),
        ("offset=-1", "offset"),
        ("limit=1&limit=1", "limit"),
        ("order=asc&order=desc", "order"),
        ("%00=1", "\0"),
    ],
)
def test_a_wrong_parameter_is_400_and_named(service, problem, query, field):
    answer = service.get(f"{service.clients}?{query}")

    assert problem(answer) == (400, "bad-parameter")
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("query", ["id={0}&limit=1", "id={0}&q=ana", "id={0}&id={0}"])
def test_an_id_stands_alone(facade, problem, register, query):
    answer = facade.get(f"/client?{query.format(register[0])}")

    assert problem(answer) == (400, "bad-parameter")


def test_a_list_that_nobody_reads_to_its_end_harms_no_other(service, register):
    with service.stream("GET", service.clients) as begun:
        assert next(begun.iter_raw(10)).startswith(b"[")

    answer = service.get(service.clients)

    assert ids(answer) == register
