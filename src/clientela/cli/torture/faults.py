"""Bringing faults: each begins, lasts, and ends, whatever happens meanwhile."""

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable, Sequence

from clientela.cli.torture.backups import Backup, take
from clientela.cli.torture.power import tear
from clientela.cli.torture.processes import Program
from clientela.cli.torture.proxy import Line, Weather
from clientela.cli.torture.schedule import Fault
from clientela.cli.torture.system import Branch, System
from clientela.errors import StartupError

_CLOCK_WRONG_S = 1, 259_200  # from a second to three days
_Method = Callable[[Fault, random.Random], Awaitable[None]]


class Saboteur:
    """Carries out a schedule; ``told`` hears of each fault as it begins."""

    def __init__(self, system: System, told: Callable[[Fault], None]) -> None:
        self._system = system
        self._told = told
        self.counts: dict[str, int] = {}
        self.commits_torn = 0
        self.backup: Backup | None = None
        self._methods: dict[str, _Method] = {
            "partition-in": self._partition,
            "partition-out": self._partition,
            "partition-both": self._partition,
            "refused": self._refused,
            "slow": self._weather,
            "lossy": self._weather,
            "cut": self._weather,
            "duplicate": self._weather,
            "half-open": self._half_open,
            "kill-facade": self._kill,
            "kill-server": self._kill,
            "pause-facade": self._pause,
            "pause-server": self._pause,
            "tear-facade": self._tear_facade,
            "tear-server": self._tear_server,
            "disk-full-facade": self._disk_full,
            "disk-full-server": self._disk_full,
            "clock-facade": self._clock,
            "clock-server": self._clock,
            "restore-server": self._back_up,
        }

    async def run(self, schedule: Sequence[Fault]) -> None:
        """Bring every fault at its time."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for fault in schedule:
                await asyncio.sleep(max(0, began + fault.at_s - time.monotonic()))
                self.counts[fault.kind] = self.counts.get(fault.kind, 0) + 1
                self._told(fault)
                chance = random.Random(fault.chance)  # noqa: S311 - not a secret
                group.create_task(self._inflict(fault, chance))

    async def _inflict(self, fault: Fault, chance: random.Random) -> None:
        await self._methods[fault.kind](fault, chance)

    def _branch(self, fault: Fault) -> Branch:
        return self._system.branches[fault.facade or 0]

    def _program(self, fault: Fault) -> Program:
        return self._system.program(fault.facade)

    def _line(self, fault: Fault) -> Line:
        return self._branch(fault).line

    async def _partition(self, fault: Fault, chance: random.Random) -> None:
        line = self._line(fault)
        line.turn(
            Weather(
                blocked_in=fault.kind != "partition-out",
                blocked_out=fault.kind != "partition-in",
            )
        )
        await self._lasting(fault, line)
        if chance.random() < 0.5:  # noqa: PLR2004
            line.reset()  # otherwise what was held back arrives late, as TCP would have it
        line.turn(Weather())

    async def _lasting(self, fault: Fault, line: Line) -> None:
        try:
            await asyncio.sleep(fault.lasts_s)
        except asyncio.CancelledError:
            line.turn(Weather())
            raise

    async def _refused(self, fault: Fault, _chance: random.Random) -> None:
        line = self._line(fault)
        await line.refuse()
        try:
            await asyncio.sleep(fault.lasts_s)
        finally:
            await line.open()

    async def _weather(self, fault: Fault, chance: random.Random) -> None:
        line = self._line(fault)
        kinds = {
            "slow": Weather(
                delay_s=chance.uniform(0.05, 0.8), bytes_per_s=chance.uniform(3_000, 30_000)
            ),
            "lossy": Weather(stalls=chance.uniform(0.1, 0.5)),
            "cut": Weather(cuts=chance.uniform(0.2, 0.8)),
            "duplicate": Weather(duplicates=chance.uniform(0.3, 1)),
        }
        line.turn(kinds[fault.kind])
        await self._lasting(fault, line)
        line.turn(Weather())

    async def _half_open(self, fault: Fault, chance: random.Random) -> None:
        line = self._line(fault)
        ends = time.monotonic() + fault.lasts_s
        while time.monotonic() < ends:
            line.half_open(facade_knows=chance.random() < 0.5)  # noqa: PLR2004
            await asyncio.sleep(min(fault.lasts_s, chance.uniform(0.5, 3)))

    async def _kill(self, fault: Fault, _chance: random.Random) -> None:
        program = self._program(fault)
        program.kill()
        try:
            await asyncio.sleep(fault.lasts_s)
        finally:
            program.start()

    async def _pause(self, fault: Fault, _chance: random.Random) -> None:
        program = self._program(fault)
        program.pause()
        try:
            await asyncio.sleep(fault.lasts_s)
        finally:
            program.resume()

    async def _tear_facade(self, fault: Fault, chance: random.Random) -> None:
        branch = self._branch(fault)
        branch.program.kill()
        branch.era += 1
        await self._tear_and_start(fault, chance, branch)

    async def _tear_server(self, fault: Fault, chance: random.Random) -> None:
        self._system.server.kill()
        await self._tear_and_start(fault, chance, None)

    async def _tear_and_start(
        self, fault: Fault, chance: random.Random, branch: Branch | None
    ) -> None:
        database = branch.database if branch else self._system.register
        try:
            disk = branch.disk if branch else self._system.server_disk
            if not disk.full:  # a full disk has no room for what was torn
                torn = asyncio.to_thread(tear, database, chance, replica=branch is not None)
                self.commits_torn += await torn
            await asyncio.sleep(fault.lasts_s)
        finally:
            self._program(fault).start()

    async def _disk_full(self, fault: Fault, _chance: random.Random) -> None:
        disk = self._system.server_disk if fault.facade is None else self._branch(fault).disk
        await asyncio.to_thread(disk.fill)
        try:
            await asyncio.sleep(fault.lasts_s)
        finally:
            disk.empty()

    async def _clock(self, fault: Fault, chance: random.Random) -> None:
        """Let a clock jump to and fro; a process that starts meanwhile goes by it, too."""
        clock = self._program(fault).clock
        if clock is None:
            return
        ends = time.monotonic() + fault.lasts_s
        try:
            while (left_s := ends - time.monotonic()) > 0:
                seconds = math.exp(chance.uniform(*map(math.log, _CLOCK_WRONG_S)))
                clock.jump(seconds * chance.choice((1, -1)))
                await asyncio.sleep(min(left_s, chance.uniform(1.5, 6)))
        finally:
            clock.put_right()

    async def _back_up(self, _fault: Fault, _chance: random.Random) -> None:
        """Make the copy that the server is put back to when the run is over."""
        try:
            self.backup = await take(self._system)
        except StartupError as error:
            self._system.oddity(str(error))
