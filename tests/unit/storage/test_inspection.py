"""What ``clientela check`` finds: everything that was planted, and nothing in a sound file."""

from datetime import UTC, datetime

import apsw
import pytest

from clientela.client_facade.backup import KIND as REPLICA
from clientela.client_facade.replica import Replica
from clientela.client_facade.writer import Page
from clientela.clients.writes import parse_write
from clientela.errors import StartupError
from clientela.server.backup import KIND as REGISTER
from clientela.server.store import ServerStore
from clientela.server.tables import Submission
from clientela.storage.inspection import inspect

NOW = datetime(2026, 7, 27, 12, tzinfo=UTC)
REGISTER_ID = "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c11"


def nothing(_title, _done, _of):
    """Tell nobody how far it is."""


def write(number, operation="insert", **members):
    return parse_write(
        {
            "write_id": f"0198c5a2-7d31-7cc4-8f0e-{number:012x}",
            "operation": operation,
            "client_id": f"0198c5a2-7d31-7cc4-9f0e-{number % 100:012x}",
            **members,
        }
    )


@pytest.fixture
def register(tmp_path):
    """A register with inserts, a change, a deletion and a refusal."""
    path = tmp_path / "register.db"
    store = ServerStore(path, now=lambda: NOW, new_register=lambda: REGISTER_ID)
    writes = [write(number, set={"name": f"Cliente {number}"}) for number in range(1, 11)]
    writes.append(write(101, "update", set={"notes": "Sim"}, was={"notes": None}))
    writes.append(write(102, "delete", was={"name": "Cliente 2"}))
    writes.append(write(103, "update", set={"name": "Não"}, was={"name": "Outro"}))
    store.commit([Submission(each) for each in writes])
    store.close()
    return path


@pytest.fixture
async def replica(tmp_path, register):
    """A facade's copy of it, with a write that waits."""
    store = ServerStore(register, now=lambda: NOW, new_register=lambda: REGISTER_ID)
    page = store.tables.page(None, 100)
    messages = [message for _, message in store.tables.changes(0, 100)]
    at = store.head.position
    store.close()
    path = tmp_path / "matriz" / "clients.db"
    copy = Replica(path, facade="matriz", now_ms=lambda: 0)
    rows = [bytes(item) for item in page.items]
    await copy.take_page(Page(REGISTER_ID, rows, at._replace(version=0), last=True))
    await copy.take_changes(messages)
    await copy.take_in([write(105, "update", set={"notes": "Espera"}, was={"notes": None})])
    copy.close()
    return path


def tamper(path, *statements):
    connection = apsw.Connection(str(path))
    for statement in statements:
        connection.execute(statement)
    connection.close()


def test_a_sound_register_has_no_findings(register):
    assert inspect(register, REGISTER, nothing) == []


def test_a_sound_replica_has_no_findings(replica):
    assert inspect(replica, REPLICA, nothing) == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("DELETE FROM clients WHERE seq = 3", "it has 8 clients"),
        ("UPDATE register SET clients = 3", "it has 9 clients, and should have 3"),
        (
            (
                "UPDATE clients SET value = CAST(replace(CAST(value AS TEXT), 'Cliente', 'Client') "
                "AS BLOB) WHERE seq = 5"
            ),
            "it is not what its last change",
        ),
        ("UPDATE clients SET document = '1' WHERE seq = 5", "does not say what its row says"),
        ("INSERT INTO tombstones SELECT id, version FROM clients LIMIT 1", "living and deleted"),
        ("DELETE FROM changes WHERE version = 4", "it has 11 changes"),
        ("UPDATE changes SET epoch = 9 WHERE version = 4", "it says that it is 0000000001_"),
        ("UPDATE register SET digest = zeroblob(16)", "don't add up to its digest"),
        ("DELETE FROM receipts WHERE seq = 4", "it has 12 receipts, and should have 13"),
        ("DELETE FROM receipts WHERE seq = 13 OR seq = 4", "has no receipt"),
        (
            (
                "UPDATE receipts SET receipt = (SELECT receipt FROM receipts WHERE seq = 1) "
                "WHERE seq = 2"
            ),
            "it answers another write",
        ),
        ("DELETE FROM creations", "which write created them"),
        ("UPDATE changes SET message = x'7b' WHERE version = 12", "it can't be read"),
    ],
)
def test_what_was_planted_in_a_register_is_found(register, statement, expected):
    tamper(register, statement)

    assert expected in "\n".join(inspect(register, REGISTER, nothing))


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("DELETE FROM overlay", "it is not shown as its row and its open writes make it"),
        ("UPDATE overlay SET tag = 'w-'", "it is not shown as"),
        ("UPDATE outbox SET state = 'settled'", "its receipt says pending"),
        ("UPDATE outbox SET write = x'7b7d'", "it can't be read"),
        ("DELETE FROM clients WHERE seq = 3", "it has 8 clients"),
    ],
)
def test_what_was_planted_in_a_replica_is_found(replica, statement, expected):
    tamper(replica, statement)

    assert expected in "\n".join(inspect(replica, REPLICA, nothing))


def test_an_erased_change_that_left_its_number_is_no_finding(register):
    tamper(register, "UPDATE changes SET message = x'', client_id = x'' WHERE version = 2")

    assert inspect(register, REGISTER, nothing) == []


def test_another_file_can_not_be_looked_at(tmp_path, replica):
    with pytest.raises(StartupError):
        inspect(tmp_path / "none.db", REGISTER, nothing)
    with pytest.raises(StartupError):
        inspect(replica, REGISTER, nothing)
