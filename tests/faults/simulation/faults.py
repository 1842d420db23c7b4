"""The faults: each has a name, begins at some step and is over some time later."""

import random
from collections.abc import Sequence
from typing import Any

from simulation.facade import FacadeNode
from simulation.server import ServerNode

LINE = (
    "partition-in",
    "partition-out",
    "partition-both",
    "refused",
    "slow",
    "cut",
    "twice",
    "half-open",
)
FACADE = ("kill-facade", "power-facade", "facade-clock", "facade-sleep")
SERVER = ("kill-server", "power-server", "server-clock", "prune")
KINDS = (*LINE, *FACADE, *SERVER)

_LONGEST_S = 40
_KEPT_CHANGES = 3  # so few that who was away finds its past gone, and takes a fresh copy
_DAY_S = 86_400


class Faults:
    """Brings faults about, of the ``kinds`` given."""

    def __init__(
        self,
        chance: random.Random,
        kinds: Sequence[str],
        server: ServerNode,
        facades: Sequence[FacadeNode],
        trace: Any,
    ) -> None:
        self._chance = chance
        self._kinds = kinds
        self._server = server
        self._facades = facades
        self._trace = trace
        self._prunes_until_s = 0.0
        self._over: list[tuple[float, str, FacadeNode | None]] = []

    def strike(self, now_s: float) -> None:
        """Let one fault begin."""
        kind = self._chance.choice(self._kinds)
        facade = self._chance.choice(self._facades)
        lasts_s = self._chance.choice((0.0, 1.0, 5.0, 15.0, _LONGEST_S)) * self._chance.random()
        self._trace(f"{kind} {facade.name} {lasts_s:.1f} s")
        if kind in LINE:
            self._strike_line(kind, facade)
            self._over.append((now_s + lasts_s, "line", facade))
        elif kind in FACADE:
            self._strike_facade(kind, facade, now_s + lasts_s)
        else:
            self._strike_server(kind, now_s + lasts_s)

    def _strike_line(self, kind: str, facade: FacadeNode) -> None:
        line, chance = facade.line, self._chance
        match kind:
            case "partition-in" | "partition-out":
                line.block(kind.removeprefix("partition-"))
            case "partition-both":
                line.block("in")
                line.block("out")
            case "refused":
                line.refused = True
                line.reset()
            case "slow":
                line.delay_s = chance.choice((0.05, 0.5, 3.0))
            case "cut":
                line.cut = chance.uniform(0.05, 0.6)
            case "twice":
                line.twice = chance.uniform(0.1, 0.9)
            case "half-open":
                line.half_open()

    def _strike_facade(self, kind: str, facade: FacadeNode, until_s: float) -> None:
        if not facade.up:
            return
        match kind:
            case "facade-clock":
                facade.clock.wrong_by_s += self._chance.uniform(-_DAY_S, _DAY_S)
            case "facade-sleep":
                facade.slept_s += self._chance.choice((1, 30, 600))
            case _:
                facade.die(power=kind == "power-facade")
                self._over.append((until_s, "facade", facade))

    def _strike_server(self, kind: str, until_s: float) -> None:
        if not self._server.up:
            return
        match kind:
            case "server-clock":
                self._server.clock.wrong_by_s += self._chance.uniform(-_DAY_S, _DAY_S)
            case "prune":
                self._prunes_until_s = until_s + _LONGEST_S
            case _:
                self._server.die(power=kind == "power-server")
                self._over.append((until_s, "server", None))

    def relent(self, now_s: float) -> None:
        """End the faults whose time is over."""
        if self._server.up and now_s < self._prunes_until_s:
            self._server.prune(_KEPT_CHANGES)
        over = [fault for fault in self._over if fault[0] <= now_s]
        self._over = [fault for fault in self._over if fault[0] > now_s]
        for _, part, facade in over:
            self._trace(f"over: {part} {facade.name if facade else ''}")
            if part == "server":
                self._server.start()
            elif part == "facade":
                facade.start()
            else:
                facade.line.heal()

    def heal(self) -> None:
        """End all faults."""
        self._prunes_until_s = 0.0
        self.relent(float("inf"))
