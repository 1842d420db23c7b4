"""A file is opened by one owner, only when it is ours and whole, and is brought up to date."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import apsw
import pytest

from clientela.errors import ClientelaError, StartupError
from clientela.storage.database import (
    Application,
    OwnerLock,
    open_database,
    second_connection,
    sqlite_path,
    transaction,
)

OURS = Application(0x0C11E07E, "a file of these tests")
FIRST = "CREATE TABLE notes (text TEXT NOT NULL) STRICT;"
SECOND = "ALTER TABLE notes ADD COLUMN at INTEGER NOT NULL DEFAULT 0;"


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "folder" / "notes.db"


def _open(path: Path, *migrations: str, application: Application = OURS, **options):
    return open_database(
        path, application=application, migrations=migrations or (FIRST,), **options
    )


def _made(path: Path, *migrations: str) -> bytes:
    """Make a file with a row in it and no journal beside it; gives its bytes."""
    connection = _open(path, *migrations)
    connection.execute("INSERT INTO notes (text) VALUES ('here')")
    connection.close()
    return path.read_bytes()


def test_a_lock_has_one_owner_and_names_it(path):
    with OwnerLock(path), pytest.raises(StartupError, match=f"in use by process {os.getpid()}"):
        OwnerLock(path)


def test_a_lock_that_was_given_free_can_be_taken(path):
    OwnerLock(path).close()

    with OwnerLock(path):
        assert path.with_name("notes.db.lock").read_text() == f"process {os.getpid()}"


def test_a_killed_owner_gives_its_lock_free(path):
    program = (
        "import sys, pathlib, signal; from clientela.storage.database import OwnerLock; "
        "lock = OwnerLock(pathlib.Path(sys.argv[1])); print('held', flush=True); signal.pause()"
    )
    command = [sys.executable, "-c", program, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as owner:
        assert owner.stdout.readline() == b"held\n"
        with pytest.raises(StartupError, match=f"in use by process {owner.pid}"):
            OwnerLock(path)
        owner.send_signal(signal.SIGKILL)
        owner.wait()

    OwnerLock(path).close()


@pytest.mark.parametrize("opening", [OwnerLock, _open])
def test_a_folder_that_can_not_be_made_is_told(tmp_path, opening):
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StartupError, match=r"can't be used: .*file"):
        opening(tmp_path / "file" / "notes.db")


def test_a_new_file_is_made_with_its_folder_durable_and_marked(path):
    connection = _open(path, FIRST, SECOND)

    assert connection.pragma("application_id") == OURS.id
    assert connection.pragma("user_version") == 2
    assert connection.pragma("journal_mode") == "wal"
    assert connection.pragma("synchronous") == 2
    connection.close()


def test_only_the_migrations_that_are_missing_are_applied(path):
    _made(path, FIRST)

    connection = _open(path, FIRST, SECOND)

    assert connection.execute("SELECT text, at FROM notes").fetchall() == [("here", 0)]
    assert connection.pragma("user_version") == 2
    connection.close()


def test_a_migration_that_fails_leaves_the_file_at_the_one_before(path):
    _made(path, FIRST)

    with pytest.raises(StartupError, match="can't be opened"):
        _open(path, FIRST, SECOND + "CREATE TABLE notes (again);")

    connection = _open(path, FIRST)
    assert connection.pragma("user_version") == 1
    assert connection.execute("SELECT * FROM notes").fetchall() == [("here",)]
    connection.close()


def test_a_file_of_a_newer_version_is_left_as_it_is(path):
    before = _made(path, FIRST, SECOND)

    with pytest.raises(StartupError, match="newer Clientela"):
        _open(path, FIRST)

    assert path.read_bytes() == before


@pytest.mark.parametrize("other", [42, 0])
def test_a_file_of_another_program_is_left_as_it_is(path, other):
    path.parent.mkdir()
    connection = apsw.Connection(str(path))
    connection.execute(f"CREATE TABLE theirs (x); PRAGMA application_id = {other}")
    connection.close()
    before = path.read_bytes()

    with pytest.raises(StartupError, match="belongs to another program"):
        _open(path)

    assert path.read_bytes() == before
    assert [found.name for found in path.parent.iterdir()] == ["notes.db"]


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("content", [b"Ana Souza\n", b"\0" * 4_096, b"SQLite format 3\0"])
def test_what_is_no_database_is_left_as_it_is(path, content, read_only):
    path.parent.mkdir()
    path.write_bytes(content * 100)

    with pytest.raises(StartupError, match="damaged"):
        _open(path, read_only=read_only)

    assert path.read_bytes() == content * 100


def test_a_damaged_page_is_found_before_anything_is_written(path):
    whole = _made(path, FIRST, "CREATE INDEX notes_by_text ON notes (text);")
    damaged = whole[:-2_000] + b"\xff" * 2_000
    path.write_bytes(damaged)

    with pytest.raises(StartupError, match="is damaged") as told:
        _open(path, FIRST, "CREATE INDEX notes_by_text ON notes (text);")

    assert "\n" not in str(told.value)
    assert path.read_bytes() == damaged


def test_a_file_that_another_program_holds_for_a_moment_is_waited_for(path):
    _made(path)
    holder = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    freed = threading.Timer(0.5, holder.close)
    freed.start()

    connection = _open(path)

    assert connection.pragma("user_version") > 0
    connection.close()
    freed.join()


def test_an_empty_file_and_one_whose_making_was_cut_off_are_made(path):
    path.parent.mkdir()
    path.touch()
    _open(path).close()
    path.unlink()
    cut_off = apsw.Connection(str(path))
    cut_off.execute("PRAGMA journal_mode = WAL").fetchall()
    cut_off.close()
    assert path.stat().st_size > 0

    connection = _open(path)

    assert connection.pragma("application_id") == OURS.id
    connection.close()


def test_looking_only_makes_nothing(path):
    with pytest.raises(StartupError, match="can't be opened"):
        _open(path, read_only=True)

    assert not path.parent.exists()


def test_a_connection_that_only_reads_sees_what_is_committed_and_can_not_write(path):
    writer = _open(path)
    reader = second_connection(path, read_only=True)

    transaction(writer, lambda: writer.execute("INSERT INTO notes VALUES ('new')"))

    assert reader.execute("SELECT text FROM notes").fetchall() == [("new",)]
    with pytest.raises(apsw.ReadOnlyError):
        reader.execute("DELETE FROM notes")
    reader.close()
    writer.close()


def test_a_transaction_that_fails_leaves_no_trace(path):
    connection = _open(path)

    def work() -> None:
        connection.execute("INSERT INTO notes VALUES ('half')")
        raise KeyError

    with pytest.raises(KeyError):
        transaction(connection, work)

    assert not connection.in_transaction
    assert connection.execute("SELECT * FROM notes").fetchall() == []
    connection.close()


def test_a_transaction_without_room_says_so_leaves_no_trace_and_the_next_one_works(path):
    connection = _open(path)
    pages = connection.pragma("page_count")
    connection.pragma("max_page_count", pages + 2)

    def add(text: str) -> None:
        connection.execute("INSERT INTO notes VALUES (?)", (text,))

    with pytest.raises(ClientelaError) as told:
        transaction(connection, lambda: add("x" * 100_000))
    transaction(connection, lambda: add("small"))

    assert told.value.code == "disk-full"
    assert connection.execute("SELECT text FROM notes").fetchall() == [("small",)]
    connection.close()


@pytest.mark.parametrize(
    ("url", "expected"),
    [("sqlite:///data/a.db", "data/a.db"), ("sqlite:////srv/a b.db", "/srv/a b.db")],
)
def test_a_database_url_names_a_file(url, expected):
    assert sqlite_path(url) == Path(expected)


@pytest.mark.parametrize("url", ["", "a.db", "sqlite:///", "sqlite://a.db", "oracle:///a.db"])
def test_other_database_urls_are_refused(url):
    with pytest.raises(StartupError, match="not understood"):
        sqlite_path(url)
