"""A facade: everything of it but its HTTP, wired as ``clientela.client_facade.app`` does."""

import asyncio
import random

from clientela.client_facade.agreement import Agreement
from clientela.client_facade.app import _index_for_ever
from clientela.client_facade.clients import FacadeClients
from clientela.client_facade.divergence import Divergence
from clientela.client_facade.doubts import Doubts
from clientela.client_facade.freshness import Freshness
from clientela.client_facade.repair import Repair
from clientela.client_facade.replica import Replica
from clientela.client_facade.sender import Sender
from clientela.client_facade.sync import Sync
from clientela.client_facade.waiting import WaitingWrites
from simulation.disk import Disk
from simulation.loop import SimulatedLoop, Tasks, WallClock, Worker
from simulation.network import Line, SimulatedUpstream


class FacadeNode:
    """A process that can be killed; ``era`` counts the power cuts, ``life`` the starts."""

    def __init__(
        self, number: int, loop: SimulatedLoop, chance: random.Random, disk: Disk, line: Line
    ) -> None:
        self.number = number
        self.name = f"branch-{number}"
        self._loop = loop
        self._chance = chance
        self._disk = disk
        self.line = line
        self.clock = WallClock(loop)
        self.slept_s = 0.0
        self.era = self.life = 0
        self.up = False

    def _monotonic(self) -> float:
        return self._loop.time() + self.slept_s

    @property
    def alive_for_s(self) -> float:
        return self._monotonic() - self._born_s

    def start(self) -> None:
        self.life += 1
        self._born_s = self._monotonic()
        self.tasks = Tasks(self._loop)
        self._worker = Worker(self._loop, self._chance)
        path = self._disk.path
        self.replica = Replica(path, facade=self.name, now_ms=self.clock.now_ms)
        self.replica._thread = self._worker
        self._disk.watch(self.replica._connection)
        upstream = SimulatedUpstream(self.line, self.name)
        self.sender = Sender(self.replica, upstream, self.clock.now)
        repair, divergence = (
            Repair(self.replica, upstream, path),
            Divergence(self.replica, upstream),
        )
        self.agreement = Agreement(self.replica, upstream, repair, divergence, self._monotonic)
        self.sync = Sync(
            self.replica,
            upstream,
            self._monotonic,
            self.sender.wake,
            self.agreement,
        )
        doubts = Doubts(
            restarted=self.replica.reopened,
            in_step=lambda: self.sync.age_s is not None,
            clock=self._monotonic,
        )
        freshness = Freshness(self.replica, self.sync, upstream)
        self.clients = FacadeClients(
            self.replica, self.sync, upstream, self.sender, freshness, doubts
        )
        self.waiting = WaitingWrites(self.replica, self.sender)
        self.tasks.begin(self.sync.run())
        self.tasks.begin(self.agreement.count_for_ever())
        self.tasks.begin(self.sender.run())
        self.tasks.begin(_index_for_ever(self.replica))
        self.up = True

    @property
    def at_rest(self) -> bool:
        """Tell whether no transaction is under way, of which the event loop knows half."""
        return self._worker.at_work == 0

    def die(self, *, power: bool) -> None:
        """Be killed; ``power``: with the machine, which forgets what was not synced."""
        self.up = False
        self._worker.alive = False
        if power:
            self._disk.lose_power(self._chance)
            self.era += 1
        mending = self.agreement._mending
        self.tasks.kill()
        if mending is not None:
            mending.cancel()
            self._loop.run_until_complete(asyncio.wait([mending]))
        self.replica.close()
