"""The faults of a run, all drawn from its seed before it begins: the same seed, the same schedule.

Each seed leaves some kinds out (swarm testing): a fault that ends quickly what another one began
would otherwise hide what the second alone brings to light.
"""

import random
from collections.abc import Collection, Iterator, Sequence
from typing import Literal, NamedTuple

Part = Literal[
    "line",
    "facade",
    "facade-disk",
    "facade-clock",
    "server",
    "server-disk",
    "server-clock",
    "server-backup",
]


class Kind(NamedTuple):
    """A kind of fault: which part it strikes, and for how many seconds."""

    name: str
    part: Part
    shortest_s: float
    longest_s: float
    about: str


class Fault(NamedTuple):
    """One fault: when it begins and how long it lasts, in seconds; ``facade`` is the one struck.

    ``chance`` seeds what the fault itself leaves to chance.
    """

    at_s: float
    kind: str
    facade: int | None
    lasts_s: float
    chance: int


KINDS: tuple[Kind, ...] = (
    Kind("partition-in", "line", 1, 14, "nothing of the server reaches a facade"),
    Kind("partition-out", "line", 1, 14, "nothing of a facade reaches the server"),
    Kind("partition-both", "line", 1, 14, "nothing passes a line, either way"),
    Kind("refused", "line", 1, 8, "a line is reset, new connections are refused"),
    Kind("slow", "line", 2, 8, "a line with a long delay and little bandwidth"),
    Kind("lossy", "line", 2, 8, "a line that stalls, as TCP does when packets are lost"),
    Kind("cut", "line", 1, 6, "answers are cut off somewhere, after the server has worked"),
    Kind("duplicate", "line", 1, 8, "requests arrive twice (the second late), events arrive twice"),
    Kind("half-open", "line", 1, 6, "one end of each connection is gone, the other is not told"),
    Kind("kill-facade", "facade", 0.1, 5, "kill -9 of a facade"),
    Kind("pause-facade", "facade", 0.5, 12, "SIGSTOP of a facade"),
    Kind("tear-facade", "facade", 0.1, 3, "power cut: what a facade's WAL had not synced is torn"),
    Kind("kill-server", "server", 0.1, 5, "kill -9 of the server"),
    Kind("pause-server", "server", 0.5, 12, "SIGSTOP of the server"),
    Kind("tear-server", "server", 0.1, 3, "power cut: a torn page after the last commit"),
    Kind("disk-full-facade", "facade-disk", 1, 7, "no byte left on a facade's disk"),
    Kind("disk-full-server", "server-disk", 1, 6, "no byte left on the server's disk"),
    Kind("clock-facade", "facade-clock", 2, 12, "a facade's clock jumps by seconds to days"),
    Kind("clock-server", "server-clock", 2, 12, "the server's clock jumps by seconds to days"),
    Kind(
        "restore-server",
        "server-backup",
        0,
        0,
        "after the run, the server is put back to a backup that was taken amid it",
    ),
)
BY_NAME = {kind.name: kind for kind in KINDS}

# Quiet time between two faults of one part, in seconds: from, to.
_QUIET_S: dict[Part, tuple[float, float]] = {
    "line": (0.5, 6),
    "facade": (3, 18),
    "facade-disk": (4, 18),
    "facade-clock": (1, 10),
    "server": (3, 12),
    "server-disk": (4, 15),
    "server-clock": (1, 8),
}
_BACKUP_AT = (0.2, 0.95)  # of the run: before, there is little to lose
_KEPT_SHARE = 0.65  # of the kinds, per seed


def draw(
    seed: int,
    *,
    seconds: float,
    facades: int,
    kinds: Sequence[str],
    impossible: Collection[str] = (),
) -> list[Fault]:
    """Draw the schedule of a run of so many seconds; every fault ends within it.

    What is ``impossible`` on a machine is drawn and left out: the seed keeps its other kinds.
    """
    chance = random.Random(seed)  # noqa: S311 - not a secret
    kept = [name for name in kinds if chance.random() < _KEPT_SHARE] or list(kinds)
    by_part: dict[Part, list[Kind]] = {}
    for name in kept:
        if name in impossible:
            continue
        by_part.setdefault(BY_NAME[name].part, []).append(BY_NAME[name])
    faults: list[Fault] = []
    if by_part.pop("server-backup", None):
        at_s = round(seconds * chance.uniform(*_BACKUP_AT), 3)
        faults.append(Fault(at_s, "restore-server", None, 0, chance.getrandbits(32)))
    for part, choice in sorted(by_part.items()):
        for facade in (None,) if part.startswith("server") else range(facades):
            faults += _one_part(chance, choice, _QUIET_S[part], facade, seconds)
    return sorted(faults)


def _one_part(
    chance: random.Random,
    kinds: Sequence[Kind],
    quiet_s: tuple[float, float],
    facade: int | None,
    seconds: float,
) -> Iterator[Fault]:
    """Draw the faults of one part, one after the other."""
    at_s = chance.uniform(*quiet_s)
    while True:
        kind = chance.choice(kinds)
        lasts_s = chance.uniform(kind.shortest_s, kind.longest_s)
        number = chance.getrandbits(32)
        if at_s + lasts_s > seconds:
            return
        yield Fault(round(at_s, 3), kind.name, facade, round(lasts_s, 3), number)
        at_s += lasts_s + chance.uniform(*quiet_s)
