"""What a facade finds: words by their beginnings, numbers by any part."""

from itertools import chain
from urllib.parse import quote

import pytest

PEOPLE = {
    "ana": {"name": "Ana Cláudia São-José", "email": "ana.claudia@example.com"},
    "bia": {"name": "Beatriz Conceição", "phone": "(11) 98765-4321"},
    "bar": {"name": "Bar do João", "document": "12.ABC.345/01DE-35"},
    "cid": {"name": "Cid O'Neill", "document": "390.533.447-05"},
    "dom": {"name": "Dominique Ångström", "phone": "+33 1 42 68 53 00"},
    "and": {"name": "AND NOT OR NEAR"},
}


@pytest.fixture(scope="module")
def found(pair):
    """Give the names of those whom a search finds, by their keys."""
    facade = pair["facade"]
    keys = {facade.insert(**fields): key for key, fields in PEOPLE.items()}

    def search(text):
        answer = facade.get(f"/client?q={quote(text)}")
        assert answer.status_code == 200, answer.text
        return [keys[client["id"]] for client in answer.json()]

    return search


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ana", ["ana"]),
        ("an", ["ana", "dom", "and"]),
        ("ANA", ["ana"]),
        ("claudia", ["ana"]),
        ("CLÁUDIA", ["ana"]),
        ("cla\u0301udia", ["ana"]),
        ("conceicao", ["bia"]),
        ("São", ["ana"]),
        ("sao-jose", ["ana"]),
        ("jose", ["ana"]),
        ("ose", []),
        ("joa", ["bar"]),
        ("angstrom", ["dom"]),
        ("o'neill", ["cid"]),
        ("  ana   cla ", ["ana"]),
        ("cla ana", ["ana"]),
        ("ana joao", []),
        ("ana.claudia@example.com", ["ana"]),
        ("ana.claudia@ex", ["ana"]),
        ("example.com", ["ana"]),
    ],
)
def test_each_word_is_the_beginning_of_a_word_without_accents_and_case(found, text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("98765", ["bia"]),
        ("4321", ["bia"]),
        ("(11) 98765-4321", ["bia"]),
        ("11 98765 4321", ["bia"]),
        ("+5511987654321", ["bia"]),
        ("+55 (11) 98765-4321", ["bia"]),
        ("987654321 beatriz", ["bia"]),
        ("98765-4321 bea", ["bia"]),
        ("98765-4321 ana", []),
        ("+33142685300", ["dom"]),
        ("390.533.447-05", ["cid"]),
        ("39053344705", ["cid"]),
        ("533.447", ["cid"]),
        ("447-05", ["cid"]),
        ("12.ABC.345/01DE-35", ["bar"]),
        ("12abc34501de35", ["bar"]),
        ("12.abc.345", ["bar"]),
        ("345/01de", ["bar"]),
        ("01DE-35", ["bar"]),
        ("abc345", ["bar"]),
        ("98765 9999", []),
        ("00000", []),
    ],
)
def test_a_number_is_found_by_any_part_with_or_without_punctuation(found, text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AND", ["and"]),
        ("and not", ["and"]),
        ("NEAR", ["and"]),
        ("ana OR beatriz", []),
        ("NOT beatriz", []),
        ("NEAR(ana claudia)", []),
        ('"ana"', ["ana"]),
        ('"ana', ["ana"]),
        ('ana"', ["ana"]),
        ("ana*", ["ana"]),
        ("^ana", ["ana"]),
        ("text:ana", []),
        ("{text}", []),
        ("(ana", ["ana"]),
        ("ana)", ["ana"]),
        ("+ana", ["ana"]),
        ("-ana", ["ana"]),
        ("ana\0", ["ana"]),
        ("\0", []),
        ("'; DROP TABLE clients; --", []),
        ('""', []),
        ("*", []),
        ("%", []),
        ("_", []),
        ("\\", []),
        ("😀", []),
        ("²", []),
        ("ana 😀", ["ana"]),
        ("é" * 200, []),
        ("x " * 100, []),
    ],
)
def test_no_text_is_an_operator_or_an_error(found, text, expected):
    assert found(text) == expected


def test_bytes_that_are_no_utf8_are_no_error(facade):
    answer = facade.get("/client?q=%ff%fe")

    assert (answer.status_code, answer.content) == (200, b"[]")


def test_a_search_of_over_200_characters_is_400(facade, problem):
    answer = facade.get("/client", params={"q": "a" * 201})

    assert problem(answer) == (400, "bad-parameter")
    assert answer.json()["errors"][0]["field"] == "q"


def test_a_search_follows_changes(facade):
    client_id = facade.insert(name="Zuleica Velha", phone="(21) 3333-4444")
    facade.patch(facade.one(client_id), json={"name": "Zuleica Nova", "phone": None})

    counts = [len(facade.get("/client", params={"q": q}).json())
              for q in ("zuleica velha", "33334444", "zuleica nova")]  # fmt: skip

    assert counts == [0, 0, 1]


def test_a_deleted_client_is_not_found(facade):
    client_id = facade.insert(name="Quirino")
    before = facade.get("/client?q=quirino").json()

    facade.delete(facade.one(client_id))

    assert [client["id"] for client in before] == [client_id]
    assert facade.get("/client?q=quirino").json() == []


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize(("limit", "expected"), [(5, [5, 5, 2]), (6, [6, 6])])
def test_pages_of_a_search_have_every_match_once(
    facade, write, new_document, order, limit, expected
):
    word = f"pagina{new_document()}"
    writes = [write("insert", set={"name": f"{word} {number}"}) for number in range(12)]
    facade.submit(*writes, write("insert", set={"name": "other"}))
    pages, path = [], f"/client?q={word}&limit={limit}&order={order}"

    while path:
        answer = facade.get(path)
        pages.append([client["id"] for client in answer.json()])
        path = answer.links.get("next", {}).get("url")

    in_order = [sent["client_id"] for sent in writes]
    assert [len(page) for page in pages] == expected
    assert list(chain(*pages)) == (in_order if order == "asc" else in_order[::-1])


def test_a_search_waits_for_what_many_changes_left_to_be_indexed(facade, write, new_document):
    word = f"muitos{new_document()}"
    facade.submit(*[write("insert", set={"name": f"{word} {n}"}) for n in range(700)])

    assert len(facade.get(f"/client?q={word}").json()) == 700
    assert facade.get("/sync").json()["searchable"]


def test_a_link_repeats_the_search(facade, write):
    facade.submit(*[write("insert", set={"name": "Ênio & Filhos"}) for _ in range(2)])

    answer = facade.get("/client", params={"q": "ênio &", "limit": 1})

    link = answer.links["next"]["url"]
    assert link.startswith("/client?q=%C3%AAnio+%26&limit=1&cursor=")
    assert len(facade.get(link).json()) == 1


@pytest.mark.parametrize("limit", ["", "&limit=5"])
@pytest.mark.parametrize("cursor", ["x", "-1", "", "9" * 30])
def test_a_bad_cursor_of_a_search_is_400(facade, problem, cursor, limit):
    answer = facade.get(f"/client?q=ana&cursor={cursor}{limit}")

    assert problem(answer) == (400, "bad-parameter")
    assert answer.json()["errors"][0]["field"] == "cursor"


def test_a_search_is_given_as_lines_too(facade, found):
    answer = facade.get("/client?q=claudia", headers={"Accept": "application/x-ndjson"})

    assert found("claudia") == ["ana"]
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert len(answer.text.splitlines()) == 1
