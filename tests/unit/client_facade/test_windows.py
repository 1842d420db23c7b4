"""A window shows what the whole list has at that place, whatever waits above the replica."""

import asyncio
import random
import uuid
from pathlib import Path

import msgspec
import pytest

from clientela.client_facade.lost import LostChanges
from clientela.client_facade.outbox import Outbox
from clientela.client_facade.search import name_key
from clientela.client_facade.tables import APPLICATION, MIGRATIONS
from clientela.client_facade.windows import Arrangement, Windows
from clientela.client_facade.writer import Page, ReplicaWriter
from clientela.clients.writes import parse_write
from clientela.feed.position import Position
from clientela.storage.database import open_database

REGISTER = "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c11"
NAMES = ["Ana", "ana", "Álvaro", "Ângela", "Bia", "Zé", "zeca", "Ångström", "9 de Julho"]
SEED = 20
ROWS = 60


def id_of(number: int) -> str:
    return str(uuid.UUID(int=number << 64 | 4 << 76 | 8 << 60))


def row(number: int, name: str) -> bytes:
    blank = dict.fromkeys(("email", "phone", "document", "notes", "created_at", "updated_at"))
    version = str(Position(1, number))
    return msgspec.json.encode({"id": id_of(number), "name": name, **blank, "version": version})


def write(operation: str, number: int, write_number: int, **members):
    ids = {"write_id": id_of(write_number), "client_id": id_of(number)}
    return parse_write({**ids, "operation": operation, **members})


class Branch:
    """A replica with a copy of the register, and some writes that wait."""

    def __init__(self, path: Path) -> None:
        chance = random.Random(SEED)  # noqa: S311 - a seed that replays
        self.connection = open_database(path, application=APPLICATION, migrations=MIGRATIONS)
        self.outbox = Outbox(self.connection, facade="matriz", now_ms=lambda: 0)
        lost = LostChanges(self.connection, self.outbox, now_ms=lambda: 0)
        self.writer = ReplicaWriter(self.connection, self.outbox, lost)
        self.names = {number: chance.choice(NAMES) for number in range(1, ROWS + 1)}
        rows = [row(number, name) for number, name in self.names.items()]
        self.writer.take_page(Page(REGISTER, rows, Position(1, ROWS), last=True))
        while not self.writer.searchable:
            self.writer.index_some()
        self.windows = Windows(path)

    def wait_with(self, *writes) -> None:
        assert {r.outcome for r in self.outbox.take_in(writes)} == {"pending"}

    def close(self) -> None:
        self.windows.close()
        self.connection.close()

    def read(self, skip: int, limit: int, *, sort="id", order="asc", query=None, waiting=None):
        """Give the numbers of the clients in a window, and how many there are in all."""
        arrangement = Arrangement(sort, order, query, waiting)
        window = asyncio.run(self.windows.read(arrangement, skip, limit))
        return [(uuid.UUID(r.id).int >> 64) % 4_096 for r in window.rows], window.total


@pytest.fixture
def branch(tmp_path: Path):
    made = Branch(tmp_path / "clients.db")
    yield made
    made.close()


@pytest.fixture
def covered(branch):
    """A client each that waits as new, changed and deleted; these change order and number."""
    seen = dict.fromkeys(("email", "phone", "document", "notes")) | {"name": branch.names[20]}
    branch.wait_with(
        write("insert", 100, 100, set={"name": "Ana Nova"}),
        write("update", 10, 1010, set={"name": "Zulmira"}, was={"name": branch.names[10]}),
        write("delete", 20, 1020, was=seen),
    )
    branch.names |= {100: "Ana Nova", 10: "Zulmira"}
    del branch.names[20]
    return branch


@pytest.mark.parametrize("kind", ["branch", "covered"])
@pytest.mark.parametrize("sort", ["id", "name"])
def test_windows_side_by_side_are_the_whole_list_in_its_order(request, kind, sort):
    branch = request.getfixturevalue(kind)
    names = branch.names

    whole = [branch.read(skip, 7, sort=sort)[0] for skip in range(0, len(names), 7)]
    found = [number for window in whole for number in window]

    assert sorted(found) == sorted(names)
    keys = [number if sort == "id" else name_key(names[number]) for number in found]
    assert keys == sorted(keys)
    assert branch.read(0, 1, sort=sort)[1] == len(names)


@pytest.mark.parametrize("sort", ["id", "name"])
def test_the_other_order_is_the_first_one_reversed(covered, sort):
    upwards, _ = covered.read(0, 1_000, sort=sort)
    downwards, _ = covered.read(0, 1_000, sort=sort, order="desc")

    assert downwards == upwards[::-1]


@pytest.mark.parametrize("sort", ["id", "name"])
def test_a_search_counts_all_that_it_finds_and_shows_a_window_of_them(covered, sort):
    expected = {n for n, name in covered.names.items() if name_key(name).startswith("an")}

    found, total = covered.read(0, 1_000, sort=sort, query="an")
    window, same_total = covered.read(2, 3, sort=sort, query="an")

    assert set(found) == expected
    assert len(found) == total == same_total
    assert window == found[2:5]


def test_a_changed_name_is_found_and_sorted_as_it_is_now_and_no_more_as_it_was(covered):
    assert covered.read(0, 9, query="zulmira")[0] == [10]
    assert covered.read(0, 1_000, sort="name")[0][-1] == 10


def test_clients_with_writes_that_wait_are_listed_alone_also_in_a_search(covered):
    assert covered.read(0, 9, waiting="pending") == ([10, 100], 2)
    assert covered.read(0, 9, waiting="pending", sort="name") == ([100, 10], 2)
    assert covered.read(0, 9, waiting="pending", query="zul") == ([10], 1)
    assert covered.read(0, 9, waiting="refused") == ([], 0)


def test_a_window_beyond_the_end_is_empty_and_still_counts(branch):
    assert branch.read(ROWS, 5) == ([], ROWS)
    assert branch.read(0, 5, query="!!!") == ([], 0)


def test_a_client_that_is_deleted_leaves_the_order_of_names(branch):
    branch.writer.tables.bury(id_of(5), str(Position(1, ROWS + 1)))

    found, _ = branch.read(0, 1_000, sort="name")

    assert len(found) == ROWS - 1
    assert 5 not in found
