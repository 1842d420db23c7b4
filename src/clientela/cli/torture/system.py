"""One server and its facades, each with a line and a disk that can fail."""

import asyncio
import contextlib
import random
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from clientela import limits
from clientela.cli.torture.clocks import Clock, clock_library
from clientela.cli.torture.disks import Disk
from clientela.cli.torture.processes import Program, free_ports
from clientela.cli.torture.proxy import Line


@dataclass(slots=True)
class Branch:
    """A facade; ``era`` counts its power cuts."""

    program: Program
    line: Line
    disk: Disk
    era: int = 0

    @property
    def database(self) -> Path:
        """Give its Client DB."""
        return self.disk.folder / "clients.db"


class System:
    """All that runs; ``oddity`` is told of every death that no fault explains."""

    def __init__(
        self,
        folder: Path,
        facades: int,
        chance: random.Random,
        *,
        fillable: bool,
        oddity: Callable[[str], None],
    ) -> None:
        self.folder = folder
        self.oddity = oddity
        self._watcher: asyncio.Task[None] | None = None
        first, *others = free_ports(1 + 2 * facades)
        self.server_disk = Disk(folder / "data" / "server")
        arguments = ["server", "--db", self.database]
        self.server = Program("server", arguments, first, folder / "server.log")
        self.branches = [
            _branch(folder, f"branch-{number}", ports, first, random.Random(chance.random()))  # noqa: S311
            for number, ports in enumerate(zip(others[::2], others[1::2], strict=True))
        ]
        disks = [self.server_disk, *(branch.disk for branch in self.branches)]
        self.fillable = fillable and all(disk.mount(limits.TORTURE_DISK_BYTES) for disk in disks)

    @property
    def register(self) -> Path:
        """Give the server's database."""
        return self.server_disk.folder / "register.db"

    @property
    def database(self) -> str:
        """Give the server's database as the command line names it."""
        return f"sqlite:///{self.register}"

    @property
    def programs(self) -> list[Program]:
        """Give every process."""
        return [self.server, *(branch.program for branch in self.branches)]

    def program(self, facade: int | None) -> Program:
        """Give the process of a facade; None is the server's."""
        return self.server if facade is None else self.branches[facade].program

    def give_clock(self, facade: int | None) -> None:
        """Let a process have a wall clock of its own from its start on, where one is possible.

        The others go by the machine's, as they do at people's: what they meet is theirs alone.
        """
        library, program = clock_library(), self.program(facade)
        if library is not None and program.clock is None:
            program.clock = Clock(self.folder / f"{program.name}.clock", library)

    async def start(self) -> None:
        """Start everything and wait until it can serve; raises StartupError."""
        self.server.start()
        await self.server.wait_ready()
        for branch in self.branches:
            await branch.line.open()
            branch.program.start()
        await asyncio.gather(*(branch.program.wait_ready() for branch in self.branches))
        self._watcher = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        """Start again what died; only a full disk excuses a death that we did not bring."""
        while True:
            disks = [self.server_disk, *(branch.disk for branch in self.branches)]
            for program, disk in zip(self.programs, disks, strict=True):
                if program.wanted and program.exit_code is not None:
                    if not disk.full:
                        words = program.last_words()
                        self.oddity(f"{program.name} died (code {program.exit_code}):\n{words}")
                    program.start()
            await asyncio.sleep(0.5)

    async def heal(self) -> None:
        """End every fault, and wait until all can serve; raises StartupError."""
        for disk in (self.server_disk, *(branch.disk for branch in self.branches)):
            disk.empty()
        for program in self.programs:
            program.resume()
            if program.clock is not None:
                program.clock.put_right()
            if not program.wanted:
                program.start()
        for branch in self.branches:
            await branch.line.open()
        await asyncio.gather(*(program.wait_ready() for program in self.programs))

    async def stop(self, *, keep: bool) -> None:
        """End everything within seconds; the folder goes, too, unless it is to be kept."""
        if self._watcher is not None:
            self._watcher.cancel()
        for program in self.programs:
            program.resume()
            program.terminate()
        deadline = time.monotonic() + limits.STOP_S
        for program in self.programs:
            await program.wait_ended(deadline)
        for branch in self.branches:
            await branch.line.close()
        self.release(keep=keep)

    def release(self, *, keep: bool) -> None:
        """Kill what is left and give the disks back: safe to call again."""
        for program in self.programs:
            program.kill()
        for disk in (self.server_disk, *(branch.disk for branch in self.branches)):
            disk.release(self.folder / "kept" / disk.folder.name if keep else None)
        if not keep:
            with contextlib.suppress(OSError):
                shutil.rmtree(self.folder)


def _branch(
    folder: Path, name: str, ports: tuple[int, int], server_port: int, chance: random.Random
) -> Branch:
    port, line_port = ports
    disk = Disk(folder / "data" / name)
    server = f"http://127.0.0.1:{line_port}"
    arguments = ["facade", "--server", server, "--data", str(disk.folder), "--name", name]
    program = Program(name, arguments, port, folder / f"{name}.log")
    return Branch(program, Line(line_port, server_port, chance), disk)
