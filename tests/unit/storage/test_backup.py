"""A backup is whole or not there; a restore replaces nothing that it can't give back."""

from datetime import UTC, datetime
from uuid import UUID

import apsw
import pytest

from clientela.client_facade.backup import KIND as REPLICA
from clientela.clients.writes import parse_write
from clientela.errors import StartupError
from clientela.log_facade.backup import KIND as LOG
from clientela.server.backup import KIND as REGISTER
from clientela.server.backup import begin_epoch
from clientela.server.store import ServerStore
from clientela.server.tables import Submission
from clientela.storage import backup as files

NOW = datetime(2026, 7, 27, 12, tzinfo=UTC)
REGISTER_ID = "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c11"


def nothing(_title, _done, _of):
    """Tell nobody how far it is."""


def open_store(path):
    return ServerStore(path, now=lambda: NOW, new_register=lambda: REGISTER_ID)


def insert(store, numbers):
    """Insert clients, each with the write of the same number."""
    raws = [
        {
            "write_id": f"0198c5a2-7d31-7cc4-8f0e-{number:012x}",
            "operation": "insert",
            "client_id": f"0198c5a2-7d31-7cc4-9f0e-{number:012x}",
            "set": {"name": f"Cliente {number}"},
        }
        for number in numbers
    ]
    store.commit([Submission(parse_write(raw)) for raw in raws])


@pytest.fixture
def register(tmp_path):
    path = tmp_path / "data" / "register.db"
    store = open_store(path)
    insert(store, range(1, 31))
    store.close()
    return path


@pytest.fixture
def out(tmp_path):
    return tmp_path / "backups" / "register.db"


def back_up(source, out, *, kind=REGISTER, force=False):
    return files.back_up(source, out, kind, force=force, progress=nothing)


def restore(backup, target, *, kind=REGISTER, force=False, now=NOW):
    def prepare(connection):
        begin_epoch(connection, now)

    return files.restore(
        backup, target, kind, force=force, now=now, prepare=prepare, progress=nothing
    )


def head_of(path):
    store = open_store(path)
    store.close()
    return store.head


def tamper(path, sql):
    connection = apsw.Connection(str(path))
    connection.execute(sql)
    connection.close()


def test_a_backup_is_one_file_that_holds_what_the_register_held(register, out):
    expected = head_of(register)

    finding = back_up(register, out)

    assert finding is None
    assert [file.name for file in out.parent.iterdir()] == ["register.db"]
    assert head_of(out) == expected


def test_a_backup_is_of_one_moment_though_every_step_is_followed_by_a_write(
    register, out, monkeypatch
):
    monkeypatch.setattr("clientela.limits.BACKUP_STEP_PAGES", 1)
    store = open_store(register)
    before, numbers = store.head, iter(range(100, 10_000))

    def write(title, _done, _of):
        if title == "Copying":
            insert(store, [next(numbers)])

    files.back_up(register, out, REGISTER, force=False, progress=write)

    store.close()
    assert store.head.position.version > before.position.version
    assert head_of(out) == before


def test_a_backup_that_exists_is_replaced_only_when_that_is_asked(register, out):
    back_up(register, out)
    before = out.read_bytes()

    with pytest.raises(StartupError, match="exists already"):
        back_up(register, out)

    assert out.read_bytes() == before
    assert back_up(register, out, force=True) is None


def test_a_register_is_never_its_own_backup(register):
    before = register.read_bytes()

    with pytest.raises(StartupError, match="is the database itself"):
        back_up(register, register, force=True)

    assert register.read_bytes() == before


@pytest.mark.parametrize(
    ("sql", "finding"),
    [
        (
            "UPDATE clients SET value = CAST(value || ' ' AS BLOB) WHERE seq = 7",
            "don't add up to its digest",
        ),
        ("DELETE FROM clients WHERE seq = 7", "has 29 clients, and should have 30"),
        ("DELETE FROM changes WHERE version = 7", "has 29 changes, and should have 30"),
        ("UPDATE changes SET version = 99 WHERE version = 30", "changes have a gap"),
        ("DELETE FROM receipts WHERE seq = 7", "has 29 receipts, and should have 30"),
        (
            "DELETE FROM creations WHERE client_id = (SELECT id FROM clients WHERE seq = 7)",
            "of 1 clients it is not known which write created them",
        ),
    ],
)
def test_a_register_that_contradicts_itself_is_not_backed_up(register, out, sql, finding):
    tamper(register, sql)

    with pytest.raises(StartupError, match=finding):
        back_up(register, out)

    assert list(out.parent.iterdir()) == []


def test_a_damaged_register_is_not_backed_up(register, out):
    with register.open("r+b") as file:
        file.seek(register.stat().st_size // 2)
        file.write(b"\xff" * 8_192)

    with pytest.raises(StartupError, match="is not sound"):
        back_up(register, out)

    assert not out.exists()


@pytest.mark.parametrize("kind", [REPLICA, LOG])
def test_a_file_of_another_kind_is_refused(register, out, kind):
    with pytest.raises(StartupError, match="belongs to another program"):
        back_up(register, out, kind=kind)

    assert not out.exists()


def test_what_is_not_there_is_said_to_be_missing(tmp_path, out):
    with pytest.raises(StartupError, match="is not there"):
        back_up(tmp_path / "none.db", out)

    assert list(out.parent.iterdir()) == []


def test_a_facade_whose_rows_differ_is_backed_up_all_the_same_and_that_is_told(tmp_path, out):
    path = tmp_path / "clients.db"
    connection = files.open_database(
        path, application=REPLICA.application, migrations=REPLICA.migrations
    )
    values = (UUID(REGISTER_ID).bytes, 0, bytes(15) + b"\1", 0, 0)
    connection.execute("INSERT INTO register VALUES (1, ?, ?, ?, ?, ?)", values)
    connection.execute("INSERT INTO epochs VALUES (1, 0)")
    connection.close()

    finding = back_up(path, out, kind=REPLICA)

    assert finding == "its clients don't add up to its digest"
    assert out.exists()


def test_a_restored_register_is_the_same_in_a_new_epoch(register, out, tmp_path):
    before = head_of(register)
    back_up(register, out)

    kept = restore(out, tmp_path / "new" / "register.db")

    after = head_of(tmp_path / "new" / "register.db")
    assert kept is None
    assert after.position.epoch > before.position.epoch
    assert after.position.version == before.position.version
    assert (after.register, after.digest, after.clients) == (
        before.register,
        before.digest,
        before.clients,
    )


def test_a_backup_restored_twice_gives_two_epochs(register, out, tmp_path):
    back_up(register, out)
    epochs = []

    for hour in (13, 14):
        target = tmp_path / f"{hour}" / "register.db"
        restore(out, target, now=NOW.replace(hour=hour))
        epochs.append(head_of(target).position.epoch)

    assert epochs[0] < epochs[1]


def test_an_epoch_rises_though_the_clock_is_wrong(register, out, tmp_path):
    back_up(register, out)
    first, second = tmp_path / "1" / "register.db", tmp_path / "2" / "register.db"
    restore(out, first)

    restore(first, second, now=datetime(1980, 1, 1, tzinfo=UTC))

    assert head_of(second).position.epoch == head_of(first).position.epoch + 1


def test_what_exists_is_replaced_only_when_that_is_asked_and_is_kept_beside(register, out):
    back_up(register, out)
    store = open_store(register)
    insert(store, [50])
    store.close()

    with pytest.raises(StartupError, match="exists already"):
        restore(out, register)
    kept = restore(out, register, force=True)

    assert kept is not None
    assert head_of(kept).clients == 31
    assert head_of(register).clients == 30
    assert kept.name.startswith("register.db.before-restore-2026")


def test_a_journal_left_by_a_crash_is_kept_with_its_file_and_never_with_the_restored_one(
    register, out
):
    back_up(register, out)
    store = open_store(register)
    insert(store, [50])
    with_journal = {
        name: register.with_name(name).read_bytes()
        for name in ("register.db", "register.db-wal", "register.db-shm")
    }
    store.close()
    for name, content in with_journal.items():
        register.with_name(name).write_bytes(content)

    kept = restore(out, register, force=True)

    assert head_of(register).clients == 30
    assert head_of(kept).clients == 31


def test_a_target_in_use_is_left_alone(register, out):
    back_up(register, out)
    store = open_store(register)

    with pytest.raises(StartupError, match="in use by process"):
        restore(out, register, force=True)

    store.close()
    assert head_of(register).clients == 30


def test_a_bad_backup_replaces_nothing(register, out):
    back_up(register, out)
    tamper(out, "DELETE FROM clients WHERE seq = 7")
    before = register.read_bytes()

    with pytest.raises(StartupError, match="is not sound"):
        restore(out, register, force=True)

    assert register.read_bytes() == before


def test_a_restore_that_fails_leaves_what_was_there(register, out):
    back_up(register, out)

    def fail(_connection):
        raise OSError(28, "No space left on device")

    with pytest.raises(StartupError, match="No space left"):
        files.restore(out, register, REGISTER, force=True, now=NOW, prepare=fail, progress=nothing)

    assert head_of(register).clients == 30
    assert not [file for file in register.parent.iterdir() if "partial" in file.name]
