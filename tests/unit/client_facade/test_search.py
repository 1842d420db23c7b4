"""What people type is never an error, and finds what it should, in the real index."""

import uuid
from collections.abc import Callable

import apsw
import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clientela import limits
from clientela.client_facade.search import match_expression
from clientela.client_facade.tables import APPLICATION, MIGRATIONS, ReplicaTables
from clientela.clients.model import Client
from clientela.storage.database import open_database
from clientela.storage.register import Row

VERSION = "0000000001_00000000000000000001"


@pytest.fixture(scope="module")
def tables(tmp_path_factory) -> ReplicaTables:
    path = tmp_path_factory.mktemp("search") / "clients.db"
    made = ReplicaTables(open_database(path, application=APPLICATION, migrations=MIGRATIONS))
    people = [
        ("Ana Lúcia Conceição", "ana@example.com", "+5511987654321", "52998224725"),
        ("Padaria Estrela D'Alva & Cia.", None, "+551133445566", "12ABC34501DE35"),
        ("João-Pedro O'Neill", None, None, None),
    ]
    for name, email, phone, document in people:
        client = Client(
            id=str(uuid.uuid4()),
            name=name,
            email=email,
            phone=phone,
            document=document,
            notes=None,
            created_at="2026-01-01T00:00:00Z",
            updated_at="2026-01-01T00:00:00Z",
            version=VERSION,
        )
        made.put(Row(client.id, VERSION, msgspec.json.encode(client)), document)
    made.index_some(len(people))
    return made


@pytest.fixture(scope="module")
def found(tables) -> Callable[[str], list[str]]:
    def names(query: str) -> list[str]:
        expression = match_expression(query)
        if expression is None:
            return []
        statement = """
            SELECT c.value FROM clients_search s JOIN clients c ON c.seq = s.rowid
            WHERE clients_search MATCH ? ORDER BY s.rowid
        """
        rows = tables.connection.execute(statement, (expression,))
        return [msgspec.json.decode(value)["name"] for (value,) in rows]

    return names


@given(st.text(max_size=limits.QUERY_CHARACTERS_MAX))
@example('"')
@example('ana" OR "x')
@example("NEAR(ana joão)")
@example("nome:ana AND NOT *")
@example("ana\0joão")
@example("^ana")
@example("\ud800".encode("utf-8", "replace").decode())
@example("ª º ² ½ ٣")
def test_no_text_is_a_syntax_error(found, query):
    try:
        found(query)
    except apsw.SQLError as error:
        pytest.fail(f"{query!r}: {error}")


@given(
    st.sampled_from("\"*^():+-{}~NEARANDORT' "), st.text("\"*^():+-{}~NEARANDORT' a1", max_size=40)
)
def test_the_signs_of_the_query_language_are_only_signs(found, first, rest):
    found(first + rest)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("ana", "Ana Lúcia Conceição"),
        ("conceicao luc", "Ana Lúcia Conceição"),
        ("CONCEIÇÃO", "Ana Lúcia Conceição"),
        ("(11) 98765-4321", "Ana Lúcia Conceição"),
        ("7654", "Ana Lúcia Conceição"),
        ("529.982.247-25", "Ana Lúcia Conceição"),
        ("12.ABC.345/01DE-35", "Padaria Estrela D'Alva & Cia."),
        ("d'alva", "Padaria Estrela D'Alva & Cia."),
        ("joao pedro", "João-Pedro O'Neill"),
        ("o'neill", "João-Pedro O'Neill"),
    ],
)
def test_what_people_remember_finds_the_client(found, query, name):
    assert found(query) == [name]


@pytest.mark.parametrize("query", ["", " ", "&", "ana joão", "98765432199"])
def test_what_is_not_there_is_not_found(found, query):
    assert found(query) == []
