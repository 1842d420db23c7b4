"""A file that can't be used is refused in one clear line, and left as it is."""

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import apsw
import httpx
import pytest

PAGE_BYTES = 4_096


class Target(NamedTuple):
    """A database of a program: where it lies under the folder, and the command that opens it."""

    file: str
    command: Callable[[Path, int], list[str]]


TARGETS = {
    "register": Target(
        "server/register.db",
        lambda data, port: [
            *("server", "--db", f"sqlite:///{data}/server/register.db"),
            *("--port", str(port)),
        ],
    ),
    "clients": Target(
        "matriz/clients.db",
        lambda data, port: ["facade", "--data", str(data / "matriz"), "--port", str(port)],
    ),
    "log": Target(
        "matriz/logs.db",
        lambda data, port: ["facade", "--data", str(data / "matriz"), "--port", str(port)],
    ),
    "logs service": Target(
        "matriz/logs.db",
        lambda data, port: [
            *("logs", "--db", f"sqlite:///{data}/matriz/logs.db"),
            *("--port", str(port)),
        ],
    ),
}


@pytest.fixture(scope="module")
def good_files(shared_programs, load_clients, assert_in_step) -> Path:
    """Give the folder of a server and a facade that held something, and stopped."""
    server = shared_programs.server().start()
    facade = shared_programs.facade(server.url).start()
    load_clients(server.url, 300)
    assert_in_step(facade, server)
    assert facade.stop() == -15
    assert server.stop() == -15
    return shared_programs.folder


def _text(_file: Path, _good: bytes) -> bytes:
    return b"Ana Souza;ana@example.com\n" * 200


def _of_another_program(file: Path, _good: bytes) -> bytes:
    other = file.with_suffix(".other")
    connection = apsw.Connection(str(other))
    connection.execute(
        "PRAGMA application_id = 42; CREATE TABLE mine (x); INSERT INTO mine VALUES (1)"
    )
    connection.close()
    return other.read_bytes()


def _newer(file: Path, good: bytes) -> bytes:
    other = file.with_suffix(".other")
    other.write_bytes(good)
    connection = apsw.Connection(str(other))
    connection.execute("PRAGMA journal_mode = DELETE; PRAGMA user_version = 1000").fetchall()
    connection.close()
    return other.read_bytes()


def _cut_off(_file: Path, good: bytes) -> bytes:
    return good[: len(good) // 2 + 100]


def _overwritten(_file: Path, good: bytes) -> bytes:
    return good[:PAGE_BYTES] + b"\xff" * (len(good) - PAGE_BYTES)


FAULTS = {
    "text": (_text, "file is not a database"),
    "of another program": (_of_another_program, "belongs to another program"),
    "newer": (_newer, "newer Clientela"),
    "cut off": (_cut_off, "is damaged"),
    "overwritten": (_overwritten, "is damaged"),
}
# Every fault in every form is judged by the tests of clientela.storage; here is each program once.
CASES = [
    ("register", "text"),
    ("register", "overwritten"),
    ("clients", "of another program"),
    ("log", "text"),
    ("logs service", "newer"),
]


def _refused(run, data: Path, target: Target, port: int) -> str:
    """Run a command that must not start; gives its one line."""
    ended = run(target.command(data, port))
    assert ended.returncode == 2, ended.stderr
    (line,) = ended.stderr.splitlines()
    assert line.startswith("clientela: ")
    return line


@pytest.mark.parametrize(("target", "fault"), CASES)
def test_a_bad_file_is_refused_and_left_as_it_is(
    target, fault, good_files, tmp_path, run, free_ports_of
):
    where, (spoil, told) = TARGETS[target], FAULTS[fault]
    data = tmp_path / "data"
    for part in ("server", "matriz"):
        shutil.copytree(good_files / part, data / part)
    file = data / where.file
    bad = spoil(tmp_path / file.name, file.read_bytes())
    file.write_bytes(bad)

    line = _refused(run, data, where, free_ports_of(1))

    assert told in line
    assert str(file) in line
    assert file.read_bytes() == bad


@pytest.mark.parametrize("target", ["register", "clients"])
def test_a_file_that_has_an_owner_is_refused_and_left_as_it_is(
    target, good_files, tmp_path, run, free_ports_of
):
    where = TARGETS[target]
    data = tmp_path / "data"
    for part in ("server", "matriz"):
        shutil.copytree(good_files / part, data / part)
    file = data / where.file
    before = file.read_bytes()
    with file.with_name(file.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("process 1234")
        lock.flush()

        line = _refused(run, data, where, free_ports_of(1))

    assert f"{file} is in use by process 1234" in line
    assert file.read_bytes() == before


def test_files_whose_making_was_cut_off_are_made_anew(tmp_path, programs, free_ports_of):
    data = tmp_path / "data"
    (data / "matriz").mkdir(parents=True)
    for target in ("clients", "log"):
        file = data / TARGETS[target].file
        half_made = apsw.Connection(str(file))
        half_made.execute("PRAGMA journal_mode = WAL").fetchall()  # writes the first page
        half_made.close()
        assert file.stat().st_size == PAGE_BYTES
    port = free_ports_of(1)
    program = programs.program("again", TARGETS["clients"].command(data, port), port)

    program.start(wait_for="/livez")

    assert httpx.get(f"{program.url}/logs").status_code == 200
