"""The judge of a facade: what its reads show, what it keeps, and how stale it says it is."""

import json
from bisect import bisect_right
from typing import Any
from uuid import UUID

from clientela import limits
from clientela.clients.ids import id_bytes
from clientela.storage.register import Row, Tombstone
from simulation.facade import FacadeNode
from simulation.replay import FIELDS, Asked, Replay, number, require, row_hash

_OUTBOX_OF = "SELECT write_id, state, write, receipt FROM outbox WHERE client_id = ? ORDER BY seq"
_OUTBOX = "SELECT write_id, state, receipt FROM outbox"
_DELAY_S = 6  # the slowest line takes so long for what it does not stall
_OPEN = ("pending", "accepted")
EVERY_NAME_HAS = "Cliente"


class Watch:
    """Follows one facade through its lives; ``times`` and ``versions`` tell of the server."""

    def __init__(
        self, node: FacadeNode, replay: Replay, times: list[float], versions: list[int]
    ) -> None:
        self.node = node
        self._replay = replay
        self._times = times
        self._versions = versions
        self._seen: dict[str, int] = {}  # by client: the newest version that was shown
        self._era = 0

    def shown_own(self, key: str, version: str) -> None:
        """Note that a person was told of a version of a client: from now on reads show it."""
        self._forget_if_torn()
        self._seen[key] = max(self._seen.get(key, 0), number(version))

    def _forget_if_torn(self) -> None:
        """After a power cut the replica may be older than what was seen; the outbox may not."""
        if self._era != self.node.era:
            self._era = self.node.era
            self._seen.clear()

    def check(self, keys: list[str]) -> None:
        """Check what is known as a whole, and what is shown of some clients."""
        self._forget_if_torn()
        node = self.node
        head, copy = node.replica._writer.head, node.replica._writer.copy
        if head is None:
            return
        version = head.position.version
        require(version <= self._replay.version, f"{node.name} is ahead of the server")
        require(node.agreement.state != "differs", f"{node.name} differs at {version}")
        require(node.agreement.rows_repaired == 0, f"{node.name} had rows to repair")
        if copy is None:
            same = head.digest == self._replay.digests[version]
            require(same, f"{node.name} has another digest at {version}")
        if node.at_rest and node.replica.readable:
            self._check_age(node.replica.head.position.version)
            for key in keys:
                self._check_client(key, version, settled=copy is None)

    def _check_age(self, version: int) -> None:
        """The server was no further at the time that the facade names.

        But for what its word took to arrive: a stalled line lets it stand for ``OFFLINE_AFTER_S``.
        """
        age_s = self.node.sync.age_s
        if age_s is not None:
            named_s = self.node._loop.time() - age_s - limits.OFFLINE_AFTER_S - _DELAY_S
            then = bisect_right(self._times, named_s) - 1
            was = self._versions[then] if then >= 0 else 0
            told = f"{self.node.name} says it was in step {age_s} s ago, at {version}"
            require(was <= version, f"{told}; the server was at {was}")

    def _check_client(self, key: str, version: int, *, settled: bool) -> None:
        base = self.node.replica.tables.client(key)
        self._check_base(key, base, version, settled=settled)
        shown = self.node.replica.view.client(key)
        writes = [entry for entry in self._outbox_of(key) if entry[1] in _OPEN]
        name = f"{self.node.name} shows {shown} of {key} over {base} and {writes}"
        expected = _overlaid(base, [json.loads(write) for _, _, write, _ in writes])
        fields = _fields(shown)
        require(fields == expected, f"{name}, should be {expected}")
        standing = _version(base) if base else self._gone_at(key)
        holds = max([standing, *(self._decided_at(*entry) for entry in writes)])
        require(holds >= self._seen.get(key, 0), f"{name}, after {self._seen.get(key)}")
        self._seen[key] = max(self._seen.get(key, 0), _told_version(shown))

    def _gone_at(self, key: str) -> int:
        """Give the version at which a client was deleted: a copy does not tell of it."""
        past = self._replay.past.get(key, ())
        return past[-1][0] if past and past[-1][1] is None else 0

    def check_fresh(self, key: str, version: int) -> None:
        """The replica's client is no older than it was in the register at a version."""
        at, base = self._replay.at(key, version), self.node.replica.tables.client(key)
        if at is not None and at[1] is not None:
            fresh = _version(base) >= at[0] if base else self._gone_at(key) > at[0]
            require(fresh, f"{self.node.name} shows {base}, {version} was demanded: {at}")

    def _check_base(self, key: str, base: Any, version: int, *, settled: bool) -> None:
        told = f"{self.node.name} holds {base} at {version}"
        if isinstance(base, Row):
            known = (number(base.version), base.value)
            require(known in self._replay.past.get(key, ()), f"{told}: it never was so")
        if settled:
            at = self._replay.at(key, version)
            value = base.value if isinstance(base, Row) else None
            require(value == (at[1] if at else None), f"{told}, the register held {at}")

    def _outbox_of(self, key: str) -> list[tuple]:
        connection = self.node.replica.outbox.connection
        rows = connection.execute(_OUTBOX_OF, (id_bytes(key),))
        return [(str(UUID(bytes=write_id)), *rest) for write_id, *rest in rows]

    def _decided_at(self, write_id: str, _state: str, _write: bytes, receipt: bytes) -> int:
        """Give the version at which a write that is shown holds; 0 while nobody knows."""
        told = self._replay.receipts.get(write_id) or json.loads(receipt)
        return number(told["version"]) if told["version"] else 0

    def built_on(self, asked: Asked) -> frozenset[str]:
        """Name the pending writes from which a write's client, or its ``was``, came.

        They were shown when it was begun, or came in the same request.
        """
        write_id, found, setters = asked.write["write_id"], set(), {}
        for earlier, state, write, _ in self._outbox_of(asked.write["client_id"]):
            if earlier == write_id:
                break
            told = json.loads(write)
            if told["operation"] == "insert" and state == "pending":
                found.add(earlier)
            setters.update({name: (earlier, state, told["set"][name]) for name in told["set"]})
        for name, seen in asked.write["was"].items():
            setter, state, value = setters.get(name, (None, None, None))
            if state == "pending" and value == seen:
                found.add(setter)
        return frozenset(key for key in found if self._was_shown(key, asked))

    def _was_shown(self, write_id: str, asked: Asked) -> bool:
        earlier = self._replay.asked[write_id]
        kept_at = earlier.kept_at
        return earlier.began == asked.began or (kept_at is not None and kept_at < asked.began)

    def check_healed(self) -> None:
        """Compare everything, after everything was well for a while."""
        node, replica = self.node, self.node.replica
        values, following, *_ = replica.view.page(None, 1 << 30)
        shown = {json.loads(value)["id"]: value for value in values}
        past = self._replay.past.items()
        expected = {key: seen[-1][1] for key, seen in past if seen[-1][1] is not None}
        require(
            following is None and shown == expected,
            f"{node.name} shows other clients than the server",
        )
        total = sum(row_hash(key, value) for key, value in shown.items()) % (1 << 128)
        require(replica.head.digest == total, f"{node.name} keeps another digest than its rows")
        overlays = replica.outbox.connection.execute("SELECT count(*) FROM overlay").get
        require(overlays == 0, f"{node.name} has overlays left")
        found = replica.view.search(EVERY_NAME_HAS, None, 1 << 30, "asc")
        require({row.id for _, row in found} == set(expected), f"{node.name} finds other clients")
        self._check_outbox()

    def _check_outbox(self) -> None:
        rows = self.node.replica.outbox.connection.execute(_OUTBOX)
        kept = {str(UUID(bytes=key)): (state, json.loads(r)) for key, state, r in rows}
        for write_id, asked in self._replay.asked.items():
            if asked.facade == self.node.number and asked.kept_at is not None:
                require(write_id in kept, f"{self.node.name} lost {write_id}, answered 202")
        for write_id, (state, receipt) in kept.items():
            stored = self._replay.receipts.get(write_id)
            told = f"{write_id} is {state} at {self.node.name}: {receipt}; the server's: {stored}"
            require(stored is not None, told)
            require((state == "settled") == (stored["outcome"] == "accepted"), told)
            require(state not in (*_OPEN, "lost"), told)
            same = all(receipt[name] == stored[name] for name in ("outcome", "version", "reason"))
            require(same, told)


def _overlaid(base: Any, writes: list[dict]) -> dict | None:
    """Give what reads must show: the replica's client with the open writes applied in order."""
    client = _fields(base)
    if client is None and (isinstance(base, Tombstone) or not writes):
        return None
    if client is None and writes[0]["operation"] != "insert":
        return None
    for write in writes:
        if write["operation"] == "delete":
            client = None
        elif write["operation"] == "insert":
            client = client or {**dict.fromkeys(FIELDS), **write["set"]}
        elif client is not None:
            client = client | write["set"]
    return client


def _fields(found: Any) -> dict | None:
    if not isinstance(found, Row):
        return None
    client = json.loads(found.value)
    return {name: client[name] for name in FIELDS}


def _version(found: Any) -> int:
    return number(found.version)


def _told_version(shown: Any) -> int:
    if isinstance(shown, Row):
        version = json.loads(shown.value)["version"]
        return number(version) if version else 0
    told = shown is not None and not shown.version.startswith("w-")
    return number(shown.version) if told and shown.version else 0
