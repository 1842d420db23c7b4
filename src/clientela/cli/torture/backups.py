"""The copy of a register that a run is put back to: made and restored by the real commands."""

import asyncio
import sqlite3
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from clientela import limits
from clientela.cli.torture.system import System
from clientela.errors import StartupError

_AGAIN_S = 0.5
_LAST_VERSION = "SELECT coalesce(max(version), 0) FROM changes"


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup, its last version; ``began_s`` is when it began, of time.monotonic().

    ``attempts`` counts those that failed, too: a full disk, or a server amid its start.
    """

    file: Path
    version: int
    began_s: float
    attempts: int


async def take(system: System) -> Backup:
    """Back the register up while everything goes on; raises StartupError when it never succeeds."""
    file = system.folder / "register.backup"
    deadline = time.monotonic() + limits.TORTURE_START_S
    attempts = 0
    while True:
        began, attempts = time.monotonic(), attempts + 1
        code, words = await _clientela("backup", "--db", system.database, "--out", str(file))
        if code == 0:
            version = await asyncio.to_thread(_last_version, file)
            return Backup(file, version, began, attempts)
        if time.monotonic() > deadline:
            raise StartupError(f"no backup in {attempts} attempts: {words}")
        await asyncio.sleep(_AGAIN_S)


async def put_back(system: System, backup: Backup) -> None:
    """Kill the server, restore the backup in its place, start it again; raises StartupError."""
    system.server.kill()
    words = "restore", "--from", str(backup.file), "--db", system.database, "--force"
    code, told = await _clientela(*words)
    system.server.start()
    if code != 0:
        raise StartupError(f"The backup could not be restored (code {code}): {told}")
    await system.server.wait_ready()


def _last_version(file: Path) -> int:
    with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as connection:
        (version,) = connection.execute(_LAST_VERSION).fetchone()
        return int(version)


async def _clientela(*words: str) -> tuple[int, str]:
    """Run a command to its end; gives its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "clientela.cli",
        *words,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    return process.returncode or 0, output.decode(errors="replace").strip()
