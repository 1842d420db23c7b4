"""A replica ends equal to the register, however pages, changes and restarts come."""

import random
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.client_facade.lost import LostChanges
from clientela.client_facade.outbox import Outbox
from clientela.client_facade.tables import APPLICATION, MIGRATIONS
from clientela.client_facade.writer import Page, ReplicaWriter
from clientela.clients import digest
from clientela.clients.changes import ChangeHeaders, encode_change
from clientela.clients.model import Client
from clientela.feed.position import Position
from clientela.storage.database import open_database
from clientela.storage.erasures import Erasure, ErasureTables
from clientela.storage.register import Row
from clientela.storage.verify import in_agreement

REGISTER = "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c11"
IDS = [str(uuid.UUID(int=number << 64 | 4 << 76 | 8 << 60)) for number in range(1, 13)]
NAMES = ["Ana", "Bia", "Caio", "Eva"]
TIME = "2026-01-01T00:00:00.000000Z"


class Authority:
    """A register as a server keeps it, in memory: rows, changes, digest."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.version = 0
        self.erased: dict[str, str] = {}
        self.changes: list[tuple[Position, bytes]] = []
        self.digest = digest.EMPTY

    @property
    def position(self) -> Position:
        return Position(1, self.version)

    def erase(self, client_id: str) -> None:
        """Take a client's changes out of the log, and tell of that by the next version."""
        if client_id not in self.erased:
            self.changes = [one for one in self.changes if client_id.encode() not in one[1]]
            self.change(client_id, None, erased=True)
            self.erased[client_id] = str(self.position)

    def since_erased(self, last: str) -> list[Erasure]:
        return [Erasure(*one) for one in self.erased.items() if one[1] > last]

    def change(self, client_id: str, name: str | None, *, erased: bool = False) -> None:
        """Insert, update, or delete when there is no name."""
        if client_id in self.erased:
            return  # an id is never used again
        before = self.rows.pop(client_id, None)
        if before is None and name is None and not erased:
            return
        operation = "delete" if name is None else "update" if before else "insert"
        self.version += 1
        version = str(self.position)
        if before is not None:
            self.digest = digest.subtract(self.digest, digest.row_digest(*before))
        value = None
        if name is not None:
            value = _value(client_id, version, name)
            self.rows[client_id] = Row(client_id, version, value)
            self.digest = digest.add(self.digest, digest.row_digest(*self.rows[client_id]))
        headers = ChangeHeaders(
            operation,
            version,
            digest.to_hex(self.digest),
            TIME,
            client_id,
            erased=True if erased else msgspec.UNSET,
        )
        self.changes.append((Position.parse(version), encode_change(client_id, headers, value)))

    def page(self, after: str | None, limit: int) -> Page:
        ids = sorted(key for key in self.rows if after is None or key > after)
        rows = [self.rows[key].value for key in ids[:limit]]
        return Page(REGISTER, rows, self.position, last=len(ids) < limit)

    def since(self, position: Position, limit: int) -> list[bytes]:
        return [message for at, message in self.changes if at > position][:limit]


def _value(client_id: str, version: str, name: str) -> bytes:
    client = Client(
        id=client_id,
        name=name,
        email=None,
        phone=None,
        document=None,
        notes=None,
        created_at=TIME,
        updated_at=TIME,
        version=version,
    )
    return msgspec.json.encode(client)


class Branch:
    """A replica on a real file, which can be closed and opened again at any time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open()

    def _open(self) -> None:
        self.connection = open_database(self._path, application=APPLICATION, migrations=MIGRATIONS)
        self.connection.execute("PRAGMA synchronous = OFF")
        outbox = Outbox(self.connection, facade="matriz", now_ms=lambda: 0)
        lost = LostChanges(self.connection, outbox, now_ms=lambda: 0)
        self.writer = ReplicaWriter(self.connection, outbox, lost)
        self.erasures = ErasureTables(self.connection)

    def restart(self) -> None:
        self.connection.close()
        self._open()

    @property
    def copying(self) -> bool:
        copy = self.writer.copy
        return self.writer.head is None or (copy is not None and not copy.done)

    def step(self, authority: Authority, size: int, *, anew: bool = False) -> None:
        """Take what comes next: a page while a copy is under way, else some changes."""
        if self.copying or anew:
            copy = self.writer.copy
            after = copy.after if copy is not None and not copy.done else None
            page = authority.page(after, size)
            if page.last:
                self.writer.take_erasures(authority.since_erased(self.erasures.last()))
            self.writer.take_page(page)
            return
        assert self.writer.head is not None
        self.writer.take_changes(authority.since(self.writer.head.position, size))

    def catch_up(self, authority: Authority) -> None:
        while self.copying:
            self.step(authority, 3)
        while self.writer.head.position < authority.position:
            self.step(authority, 3)

    def found(self, name: str) -> set[str]:
        statement = """
            SELECT c.id FROM clients_search s JOIN clients c ON c.seq = s.rowid
            WHERE clients_search MATCH ?
        """
        rows = self.connection.execute(statement, (name,))
        return {str(uuid.UUID(bytes=key)) for (key,) in rows}

    def rows(self) -> dict[str, Row]:
        return {row.id: row for row in self.writer.tables.range(None, None)}


@contextmanager
def _branch() -> Iterator[Branch]:
    with tempfile.TemporaryDirectory() as folder:
        branch = Branch(Path(folder) / "clients.db")
        yield branch
        branch.connection.close()


def _assert_equal(branch: Branch, authority: Authority) -> None:
    head = branch.writer.head
    assert branch.rows() == authority.rows
    assert digest.to_hex(head.digest) == digest.to_hex(authority.digest)
    assert head.clients == len(authority.rows)
    assert head.position == authority.position
    assert branch.writer.copy is None
    kept = [message for _, message in branch.writer.tables.changes(head.beginning, 1_000)]
    assert kept == [raw for at, raw in authority.changes if at.version > head.beginning]
    assert in_agreement(branch.connection, lambda *_: None) is None
    assert {key for key in authority.erased if branch.erasures.of(key)} == set(authority.erased)
    while not branch.writer.searchable:
        branch.writer.index_some()
    for name in NAMES:
        named = {key for key, row in authority.rows.items() if f'"{name}"'.encode() in row.value}
        assert branch.found(name) == named


CHANGE = st.tuples(st.just("change"), st.sampled_from(IDS), st.sampled_from(["Ana", "Bia", None]))
STEP = st.tuples(st.just("step"), st.integers(1, 5), st.just(None))
AGAIN = st.tuples(st.just("restart"), st.just(0), st.just(None))
ERASE = st.tuples(st.just("erase"), st.sampled_from(IDS), st.just(None))
ANEW = st.tuples(st.just("copy anew"), st.integers(1, 5), st.just(None))


@given(st.lists(st.one_of(CHANGE, CHANGE, ERASE, STEP, STEP, AGAIN, ANEW), max_size=60))
def test_any_order_of_pages_changes_and_restarts_ends_equal(steps):
    authority = Authority()
    with _branch() as branch:
        for what, first, second in steps:
            match what:
                case "change":
                    authority.change(first, second)
                case "erase":
                    authority.erase(first)
                case "step":
                    branch.step(authority, first)
                case "copy anew":
                    branch.step(authority, first, anew=True)
                case "restart":
                    branch.restart()
        branch.catch_up(authority)

        _assert_equal(branch, authority)


@given(st.randoms(use_true_random=False), st.integers(1, 6))
def test_a_copy_over_a_replica_that_differs_makes_it_equal(chance: random.Random, size):
    authority = Authority()
    with _branch() as branch:
        for client_id in IDS:
            authority.change(client_id, chance.choice(["Ana", None]))
        branch.catch_up(authority)
        _tamper(branch, chance)
        branch.restart()
        for client_id in chance.sample(IDS, 4):
            authority.change(client_id, chance.choice(["Caio", None]))

        branch.step(authority, size, anew=True)
        branch.catch_up(authority)

        _assert_equal(branch, authority)


def _tamper(branch: Branch, chance: random.Random) -> None:
    """Change, drop and add rows, and spoil the digest, as no program of ours does."""
    for client_id in chance.sample(IDS, 6):
        key = uuid.UUID(client_id).bytes
        version = str(Position(1, 1))
        match chance.choice(["drop", "change", "version"]):
            case "drop":
                branch.connection.execute("DELETE FROM clients WHERE id = ?", (key,))
            case "change":
                value = _value(client_id, version, "Eva")
                statement = """
                    INSERT INTO clients (id, version, value) VALUES (?1, ?2, ?3)
                    ON CONFLICT (id) DO UPDATE SET value = ?3
                """
                branch.connection.execute(statement, (key, version, value))
            case "version":
                statement = "UPDATE clients SET version = ? WHERE id = ?"
                branch.connection.execute(statement, (str(Position(9, 9)), key))
    branch.connection.execute("UPDATE register SET digest = ?", (chance.randbytes(16),))


def test_nothing_is_known_of_what_could_not_be_written():
    authority = Authority()
    for client_id in IDS:
        authority.change(client_id, "Ana")
    with _branch() as branch:
        branch.step(authority, 4)
        before = branch.writer.head, branch.writer.copy, branch.rows()
        good = authority.page(branch.writer.copy.after, 4)

        with pytest.raises(msgspec.DecodeError):
            branch.writer.take_page(good._replace(rows=[*good.rows, b"{"]))

        assert (branch.writer.head, branch.writer.copy, branch.rows()) == before
        branch.catch_up(authority)
        _assert_equal(branch, authority)
