"""Nightly backups of the register, the newest kept: what is due is told by the files themselves.

A file that bears its name is complete and checked (``clientela.storage.backup``). The work is that
of ``clientela backup`` in a process of its own, with less right to the processor than this one: no
write waits for it.
"""

import asyncio
import contextlib
import logging
import math
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

from clientela import limits
from clientela.errors import StartupError
from clientela.web.metrics import Figure

_log = logging.getLogger(__name__)

_FORM = "register-%Y%m%dT%H%M%SZ.db"


class BackupPlan(NamedTuple):
    """Where backups go, at what local time of the day, and how many are kept."""

    folder: Path
    at: time
    kept: int


class Backups:
    """Backs up one register by a plan; ``now`` gives the present with its time zone."""

    def __init__(self, register: Path, plan: BackupPlan, now: Callable[[], datetime]) -> None:
        """Make the folder; raises StartupError when that is not possible."""
        self._register = register
        self._plan = plan
        self._now = now
        self._failures = 0
        try:
            plan.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StartupError(f"No backups can be kept in {plan.folder}: {error}.") from error

    def kept(self) -> list[tuple[datetime, Path]]:
        """Give the backups that are there, oldest first, with the time when each was begun."""
        try:
            paths = list(self._plan.folder.iterdir())
        except OSError:  # not mounted
            return []
        begun = ((_begun(path.name), path) for path in paths)
        return sorted((at, path) for at, path in begun if at is not None)

    def last(self) -> datetime | None:
        """Give when the newest was begun; None when there is none."""
        kept = self.kept()
        return kept[-1][0] if kept else None

    def is_due(self) -> bool:
        """Tell whether none was begun since the time of the day last came, up or down."""
        now, last = self._now(), self.last()
        planned = now.replace(
            hour=self._plan.at.hour, minute=self._plan.at.minute, second=0, microsecond=0
        )
        if planned > now:
            planned -= timedelta(days=1)
        return last is None or last < planned

    def figures(self) -> dict[str, Figure]:
        """Give the figures that Prometheus is told."""
        last = self.last()
        age_s = math.inf if last is None else (self._now() - last).total_seconds()
        failures = Figure("Backups that failed.", self._failures, is_counter=True)
        return {
            "backup_age_seconds": Figure("Seconds since the last good backup was begun.", age_s),
            "backup_failures": failures,
        }

    async def run(self) -> None:
        """Back up whenever it is due, until cancelled."""
        while True:
            if not self.is_due():
                await asyncio.sleep(limits.BACKUP_LOOK_S)
            elif not await self.back_up():
                await asyncio.sleep(limits.BACKUP_AGAIN_S)

    async def back_up(self) -> bool:
        """Write one backup, then drop the oldest ones; False when it failed."""
        out = self._plan.folder / self._now().astimezone(UTC).strftime(_FORM)
        source = f"sqlite:///{self._register}"
        command = (sys.executable, "-m", "clientela.cli", "backup", "--db", source, "--out", out)
        told = await _run(*command)
        if told is not None:
            self._failures += 1
            _log.error("The backup %s failed: %s", out, told)
            return False
        _log.info("Backed up to %s: checked.", out)
        for _, old in self.kept()[: -self._plan.kept]:
            with contextlib.suppress(OSError):  # it is tried again after the next
                old.unlink()
        return True


def _begun(name: str) -> datetime | None:
    try:
        return datetime.strptime(name, _FORM).replace(tzinfo=UTC)
    except ValueError:  # not ours
        return None


async def _run(*command: str | Path) -> str | None:
    """Run a command with little right to the processor; gives what it said if it failed."""
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe
        )
    except OSError as error:
        return str(error)
    with contextlib.suppress(ProcessLookupError):  # it has ended already
        os.setpriority(os.PRIO_PROCESS, process.pid, limits.BACKUP_NICENESS)
    try:
        _, said = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()  # it leaves nothing half-done behind
        await process.wait()
        raise
    return said.decode(errors="replace").strip() if process.returncode else None
