"""The whole of a run: steps of people and faults, all checked after each, healed at times."""

import contextlib
import logging
import random
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

from clientela import limits
from clientela.client_facade import sync, waiting
from simulation.disk import Disk
from simulation.facade import FacadeNode
from simulation.faults import KINDS, Faults
from simulation.loop import SimulatedLoop
from simulation.network import Line
from simulation.people import People
from simulation.replay import Replay, Violation, require
from simulation.server import ServerNode
from simulation.watch import Watch

STEPS_BETWEEN_HEALINGS = 250
_HEALED_WITHIN_S = 300
_CLIENTS_CHECKED = 4
_TOLD_STEPS = 80
_TEST = "tests/faults/test_simulation.py -k replayed"
_FAULTS = 0.1  # chance of one at a step
_PACE_S = (0, 0.001, 0.02, 0.2, 1, 3)
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where there is one, it is quicker than a disk

# Small ones, so that batches, pages and queues have several parts; and no real waiting.
_SMALL = {
    "FEED_BATCH_MESSAGES_MAX": 5,
    "WRITES_PER_REQUEST_MAX": 4,
    "SEARCH_INDEXED_AT_ONCE_ITEMS_MAX": 2,
    "SEARCH_INDEX_STEP_ITEMS": 3,
    "DIGEST_PAUSE_S": 0,
}


class Simulation:
    """One run; the same seed and the same arguments give the same run."""

    def __init__(self, seed: int, *, facades: int = 3, kinds: Sequence[str] = KINDS) -> None:
        self.seed = seed
        self._again = (
            f"CLIENTELA_SEED={seed} CLIENTELA_FACADES={facades} CLIENTELA_KINDS={','.join(kinds)}"
        )
        self.chance = random.Random(seed)  # noqa: S311 - not a secret
        self.loop = SimulatedLoop(self.chance)
        shared = _SHARED_MEMORY if _SHARED_MEMORY.is_dir() else None
        self._folder = Path(tempfile.mkdtemp(prefix="simulation-", dir=shared))
        self.replay = Replay()
        self.steps = 0
        self.trace: list[str] = []
        self._broken: list[str] = []
        self._times: list[float] = []
        self._versions: list[int] = []
        self.server = ServerNode(
            self.loop,
            self.chance,
            Disk(self._folder, "server"),
            self._observe,
            self._check_answers,
        )
        self.facades = [self._facade(number) for number in range(facades)]
        self._watches = [
            Watch(node, self.replay, self._times, self._versions) for node in self.facades
        ]
        self._people = People(self.chance, self.replay, self._watches, self._tell)
        self._faults = Faults(self.chance, kinds, self.server, self.facades, self._tell)

    def _facade(self, number: int) -> FacadeNode:
        line = Line(self.loop, self.chance, self.server)
        return FacadeNode(number, self.loop, self.chance, Disk(self._folder, f"f{number}"), line)

    def _tell(self, what: str) -> None:
        self.trace.append(f"{self.steps:5d} {self.loop.time():9.3f} {what}")

    def _observe(self) -> None:
        """Judge a transaction of the server at once; inside SQLite nothing can be raised."""
        with self._noting():
            self.replay.observe(self.server.store._connection)
            self._times.append(self.loop.time())
            self._versions.append(self.replay.version)

    def _check_answers(self, body: bytes) -> None:
        with self._noting():
            self.replay.check_answers(body)

    @contextlib.contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except Violation as violation:
            self._broken.append(str(violation))

    def run(self, steps: int) -> "Simulation":
        """Take so many steps, healing now and then and at the end; raises Violation."""
        with self._conditions():
            try:
                self.server.start()
                for node in self.facades:
                    node.start()
                for number in range(1, steps + 1):
                    self._step()
                    if number % STEPS_BETWEEN_HEALINGS == 0 or number == steps:
                        self._heal()
            except Violation as violation:
                trace = "\n".join(self.trace[-_TOLD_STEPS:])
                told = f"step {self.steps}: {violation}\n{trace}"
                again = f"{self._again} CLIENTELA_STEPS={steps}"
                raise Violation(f"{told}\nAgain: {again} pytest {_TEST}") from violation
            finally:
                self._close()
        return self

    def _step(self) -> None:
        self.steps += 1
        self._faults.relent(self.loop.time())
        if self.chance.random() < _FAULTS:
            self._faults.strike(self.loop.time())
        watch = self.chance.choice(self._watches)
        if watch.node.up:
            self._people.act(watch)
        self._pass(self.chance.choice(_PACE_S) * self.chance.random())

    def _pass(self, seconds: float) -> None:
        """Let time pass, then check what can be checked at any time."""
        self.loop.run_for(seconds)
        self._raise_noted()
        keys = self._people.some_clients(_CLIENTS_CHECKED)
        for watch in self._watches:
            if watch.node.up:
                watch.check(keys)

    def _raise_noted(self) -> None:
        noted = self._broken + self.loop.faults
        require(not noted, "; ".join(noted[:3]))

    def _heal(self) -> None:
        """Let everything be well, wait until all is calm, and compare all with all."""
        self._tell("heal")
        self._faults.heal()
        self._pass(limits.SERVER_ANSWER_S)
        deadline_s = self.loop.time() + _HEALED_WITHIN_S
        while restless := [node.name for node in self.facades if not self._calm(node)]:
            told = [(n.replica.pending, n.sync.state, n.sync.last_error) for n in self.facades]
            require(self.loop.time() < deadline_s, f"{restless} did not come to rest: {told}")
            self._pass(1)
        self.replay.check_all(self.server.store._connection)
        for watch in self._watches:
            watch.check_healed()
        self._people.check_refusals()
        self._raise_noted()

    def _calm(self, node: FacadeNode) -> bool:
        replica = node.replica
        return (
            node.at_rest
            and replica.searchable
            and replica._outbox.open == 0
            and node.sync.state == "live"
            and node.agreement.state == "agreed"
            and replica.head.position.version == self.replay.version
        )

    @contextlib.contextmanager
    def _conditions(self) -> Iterator[None]:
        """Put what the code takes from elsewhere under the seed's control; hear what it logs."""
        ids = SimpleNamespace(uuid7=self._people.new_id)
        watch = SimpleNamespace(now=lambda _zone: self.server.clock.now())
        logger = logging.getLogger("clientela")
        ears = _Ears(self.loop)
        logger.addHandler(ears)
        with (
            patch.multiple(limits, **_SMALL),
            patch.object(sync, "random", self.chance),
            patch.object(waiting, "uuid_utils", ids),
            patch.object(waiting, "datetime", watch),
            patch.object(logger, "propagate", new=False),
        ):
            yield
        logger.removeHandler(ears)

    def _close(self) -> None:
        self._faults.heal()
        for node in self.facades:
            node.die(power=False)
        self.server.die(power=False)
        for node in self.facades:
            node.line.tasks.kill()
        self.loop.close()
        shutil.rmtree(self._folder)


class _Ears(logging.Handler):
    """Takes an error that the code did not foresee for a fault."""

    def __init__(self, loop: SimulatedLoop) -> None:
        super().__init__(logging.WARNING)
        self._loop = loop

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and not isinstance(error, ConnectionAbortedError):
            self._loop.faults.append(f"logged: {record.getMessage()}: {error!r}")
