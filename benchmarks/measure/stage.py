"""What measurements share: the clients, the peers that run, how long and how often."""

import random
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from load.clients import Client, clients, documents_of, newcomers, without
from load.drive import drive
from load.http import Connection, request
from peers.peer import Peer, PeerError
from report.results import Results

HOT = 10_000
WARM_UP_CONNECTIONS = 32
WARM_UP_S = 3
LOOKED_AT = 40  # answers whose every byte is compared while a load runs

AnyPeer = TypeVar("AnyPeer", bound=Peer)


@dataclass(frozen=True)
class Form:
    """How thorough a run is."""

    clients: int
    rounds: int
    close_rounds: int  # where two figures are close to each other
    seconds: float
    deliveries: int
    followers: tuple[int, ...]
    grows: bool  # to a million clients, which takes minutes


FULL = Form(100_000, 3, 5, 2, 50, (1_000, 5_000), grows=True)
QUICK = Form(10_000, 2, 3, 1, 20, (1_000,), grows=False)


class Stage:
    """Starts each peer when it is first asked for, and keeps it until the end."""

    def __init__(self, form: Form, folder: Path, results: Results, chosen: Sequence[str]) -> None:
        """``chosen`` are names of peers; none means all."""
        self.form = form
        self.folder = folder
        self.results = results
        self.clients = clients(form.clients)
        self.hot = random.Random(1).sample(self.clients, min(HOT, form.clients))  # noqa: S311
        self._chosen = chosen
        self._running: dict[str, Peer] = {}
        self._seed = 1
        self._taken = documents_of(self.clients)
        self._warm: set[str] = set()

    def is_chosen(self, kind: type[Peer]) -> bool:
        """Tell whether a peer takes part."""
        return not self._chosen or kind.name in self._chosen

    def running(self, kinds: Sequence[type[AnyPeer]]) -> list[AnyPeer]:
        """Give the peers of some kinds; those that can't be had are noted and left out."""
        found = (self._one(kind) for kind in kinds if self.is_chosen(kind))
        return [peer for peer in found if peer is not None]

    def _one(self, kind: type[AnyPeer]) -> AnyPeer | None:
        if kind.name in self.results.skipped:
            return None
        if kind.name not in self._running:
            try:
                self._running[kind.name] = self.start(kind, self.clients)
            except PeerError as error:
                self.skip(kind, str(error))
                return None
        peer = self._running[kind.name]
        assert isinstance(peer, kind)  # noqa: S101 - names are unique
        return peer

    def start(self, kind: type[AnyPeer], held: Sequence[Client]) -> AnyPeer:
        """Start a peer that holds these clients; raises PeerError."""
        if missing := kind.missing():
            raise PeerError(missing)
        say(f"starting {kind.title} with {len(held):,} clients")
        peer = kind(self.folder / kind.name)
        try:
            peer.prepare(held)
        except BaseException as error:
            peer.close()
            if isinstance(error, (OSError, ValueError, LookupError)):
                raise PeerError(f"{kind.name}: {type(error).__name__}: {error}") from error
            raise
        self.results.titles[kind.name] = kind.title
        self.results.durability[kind.name] = kind.durability
        return peer

    def warm_up(self, peer: Peer, held: Sequence[Client]) -> None:
        """Have a peer read clients once, so that no round fills the caches that others find full.

        Slow peers are not waited for: they read each client anew.
        """
        if peer.name not in self._warm:
            self._warm.add(peer.name)
            requests = [request("GET", peer.read(client)) for client in held[:HOT]]
            drive(peer.port, requests, connections=WARM_UP_CONNECTIONS, seconds=WARM_UP_S)

    @contextmanager
    def noting(self, figure: str, peer: Peer) -> Iterator[None]:
        """Measure something of a peer; what goes wrong is counted, and the others go on."""
        try:
            yield
        except (PeerError, OSError, ValueError, LookupError) as error:
            say(f"WRONG: {figure}, {peer.title}: {type(error).__name__}: {error}")
            self.results.check(figure, peer.name, wrong=1)

    def skip(self, kind: type[Peer], why: str) -> None:
        """Note that a peer takes no part."""
        say(f"skipped: {kind.title}: {why}")
        self.results.skipped[kind.name] = why

    def newcomers(self, count: int) -> list[Client]:
        """Give clients that no peer has, and that were never given before."""
        self._seed += 1
        made = without(newcomers(count, self._seed), self._taken)
        self._taken |= documents_of(made)
        return made

    def close(self) -> None:
        """Stop the peers."""
        for peer in self._running.values():
            peer.close()
            shutil.rmtree(peer.folder, ignore_errors=True)


def in_turns(peers: Sequence[AnyPeer], rounds: int) -> Iterator[AnyPeer]:
    """Give the peers round after round; each round begins with another."""
    for number in range(rounds if peers else 0):
        start = number % len(peers)
        yield from [*peers[start:], *peers[:start]]


def right_answers(peer: Peer, held: Sequence[Client]) -> dict[str, bytes]:
    """Read some clients, check that they are the ones, and give the bytes by target.

    Raises PeerError when one is not.
    """
    found = {}
    with Connection(peer.port) as connection:
        for client in random.Random(2).sample(list(held), LOOKED_AT):  # noqa: S311
            target = peer.read(client)
            answer = connection.get(target)
            if answer.status != 200 or not peer.is_right(client, answer.body):
                raise PeerError(f"{peer.name} answers {answer.status} {answer.body[:200]!r}")
            found[target] = answer.body
    return found


def say(text: str) -> None:
    """Tell what is being done."""
    print(f"… {text}", file=sys.stderr, flush=True)
