"""The judge of the server: replays what it accepted, by rules written a second time.

It shares nothing with what it judges but the shapes: it reads the stored writes, receipts and
changes as JSON, right after each transaction.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any
from uuid import UUID

import apsw

FIELDS = ("name", "email", "phone", "document", "notes")
_RECEIPTS = "SELECT seq, write, receipt FROM receipts WHERE seq > ? ORDER BY seq"
_CHANGES = "SELECT epoch, version, message FROM changes WHERE version > ? ORDER BY version"


class Violation(AssertionError):  # noqa: N818 - what it is, in the words of the trade
    """Something that must never be so."""


@dataclass(slots=True)
class Asked:
    """A write that a person asked a facade for; numbers count all that people did and heard.

    ``builds_on`` are the pending writes of this facade from which its client, or its ``was``, came.
    """

    write: dict[str, Any]
    facade: int
    began: int
    sent: int = 1
    life: int = 0  # of the facade, when it was last asked
    builds_on: frozenset[str] = frozenset()
    kept_at: int | None = None  # when it was answered 202
    refused_here: bool = False  # told 409 without a receipt of the server


@dataclass(slots=True)
class Replay:
    """The register as it must be; ``version`` is the number of the last change."""

    asked: dict[str, Asked] = field(default_factory=dict)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    created: dict[str, dict[str, Any]] = field(default_factory=dict)
    # By client: (version, stored bytes), None for deleted.
    past: dict[str, list[tuple[int, bytes | None]]] = field(default_factory=dict)
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    stored: list[tuple[bytes, bytes]] = field(default_factory=list)
    digests: list[int] = field(default_factory=lambda: [0])
    # By facade: writes answered 202 and not decided yet.
    waiting: dict[int, dict[str, int]] = field(default_factory=dict)
    version: int = 0

    def observe(self, connection: apsw.Connection) -> None:
        """Judge what the last transaction added."""
        changes = {}
        for _, version, message in connection.execute(_CHANGES, (self.version,)):
            change = json.loads(message)
            write_id = change["headers"]["write_id"]
            require(write_id not in changes, f"{write_id} has two changes")
            require(write_id not in self.receipts, f"{write_id} is applied again at {version}")
            changes[write_id] = (version, change, bytes(message))
        for _, write, receipt in connection.execute(_RECEIPTS, (len(self.stored),)):
            self.stored.append((write, receipt))
            told = json.loads(receipt)
            self._judge(json.loads(write), told, changes.pop(told["write_id"], None))
        require(not changes, f"changes without a receipt: {list(changes)}")

    def _judge(self, write: dict, receipt: dict, change: tuple | None) -> None:
        write_id = receipt["write_id"]
        require(write_id not in self.receipts, f"{write_id} is decided twice")
        self._check_order(write_id)
        asked = self.asked.get(write_id)
        if asked is not None:
            same = all(write[k] == asked.write[k] for k in ("operation", "client_id", "set", "was"))
            require(same, f"{write} is not what was asked for: {asked.write}")
            broken = [key for key in asked.builds_on if self._refused(key)]
            accepted = receipt["outcome"] == "accepted"
            require(not (broken and accepted), f"{write_id} is accepted, but not {broken}")
        code = receipt["reason"]["code"] if receipt["reason"] else None
        if code != "invalid" or not write["set"]:
            expected = self._verdict(write)
            require(code == expected, f"{write} got {code}, should have {expected}")
        self.receipts[write_id] = receipt
        if change is not None:
            require(code is None, f"{write_id} was refused, and applied")
            self._apply(write, *change)
        elif code is None:
            require(not self._changes_anything(write), f"{write_id} was accepted, not applied")

    def _check_order(self, write_id: str) -> None:
        """A write that was begun when another one already waited is decided after it."""
        asked = self.asked.get(write_id)
        if asked is None:
            return
        waiting = self.waiting.setdefault(asked.facade, {})
        waiting.pop(write_id, None)
        passed = [key for key, kept_at in waiting.items() if kept_at < asked.began]
        require(not passed, f"{write_id} overtook {passed}")

    def _refused(self, write_id: str) -> bool:
        receipt = self.receipts.get(write_id)
        return receipt is not None and receipt["outcome"] == "refused"

    def _verdict(self, write: dict) -> str | None:  # noqa: PLR0911 - a rule a line
        """Give the code with which a write must be refused now; None: it must be accepted."""
        key, values, was = write["client_id"], write["set"], write["was"]
        row = self.rows.get(key)
        if any(self._refused(earlier) for earlier in write["depends_on"]):
            return "depends-on"
        if write["operation"] == "insert":
            if key in self.created:
                return None if _same(self.created[key], values) else "id-used"
            return "duplicate-document" if self._taken(values.get("document"), key) else None
        if key not in self.created:
            return "not-found"
        if row is None:
            return None if write["operation"] == "delete" else "gone"
        if write["operation"] == "delete":
            return None if _same(row, was) else "conflict"
        changed = [name for name in values if row[name] != values[name]]
        if any(row[name] != was.get(name) for name in changed):
            return "conflict"
        taken = "document" in changed and self._taken(values["document"], key)
        return "duplicate-document" if taken else None

    def _taken(self, document: str | None, key: str) -> bool:
        others = (row for other, row in self.rows.items() if other != key)
        return document is not None and any(row["document"] == document for row in others)

    def _changes_anything(self, write: dict) -> bool:
        row = self.rows.get(write["client_id"])
        if write["operation"] == "insert":
            return write["client_id"] not in self.created
        if write["operation"] == "delete":
            return row is not None
        return row is None or any(row[name] != value for name, value in write["set"].items())

    def _apply(self, write: dict, version: int, change: dict, message: bytes) -> None:
        key, headers = write["client_id"], change["headers"]
        require(version == self.version + 1, f"version {version} follows {self.version}")
        require(headers["version"] == position(version), f"{headers} at {version}")
        require((change["key"], headers["operation"]) == (key, write["operation"]), f"{change}")
        total, before = self.digests[-1], self.past.get(key, [(0, None)])[-1]
        if before[1] is not None:
            total -= row_hash(key, before[1])
        value = None
        if write["operation"] == "delete":
            self.rows.pop(key)
        else:
            if write["operation"] == "insert":
                self.created[key] = write["set"]
            expected = {**dict.fromkeys(FIELDS), **self.rows.get(key, {}), **write["set"]}
            value = _value_bytes(message)
            total += row_hash(key, value)
            require(_same(change["value"], expected), f"{change['value']} is not {expected}")
            self.rows[key] = expected
        self.past.setdefault(key, []).append((version, value))
        self.version = version
        self.digests.append(total % (1 << 128))
        require(headers["digest"] == f"{self.digests[-1]:032x}", f"the digest at {version}")

    def at(self, key: str, version: int) -> tuple[int, bytes | None] | None:
        """Give a client as it was at a version: since when, and its bytes."""
        known = [entry for entry in self.past.get(key, ()) if entry[0] <= version]
        return known[-1] if known else None

    def check_answers(self, body: bytes) -> None:
        """An answer repeats the stored receipts, whenever it is given."""
        for told in json.loads(body) if body.startswith(b"[") else ():
            stored = self.receipts.get(told["write_id"])
            require(stored == told, f"the receipt was {stored}, is now {told}")

    def check_all(self, connection: apsw.Connection) -> None:
        """Compare the whole register, and every receipt ever given."""
        rows = {
            str(UUID(bytes=key)): value
            for key, value in connection.execute("SELECT id, value FROM clients")
        }
        expected = {key: past[-1][1] for key, past in self.past.items() if past[-1][1] is not None}
        require(rows == expected, "the register is not what its changes make of it")
        documents = [row["document"] for row in self.rows.values() if row["document"]]
        require(len(documents) == len(set(documents)), "a document is held twice")
        total = sum(row_hash(key, value) for key, value in rows.items()) % (1 << 128)
        require(total == self.digests[-1], "the digest is not that of the rows")
        stored = [tuple(row[1:]) for row in connection.execute(_RECEIPTS, (0,))]
        require(stored == self.stored, "a receipt has changed")


def require(condition: object, told: str) -> None:
    if not condition:
        raise Violation(told)


def position(version: int) -> str:
    return f"{1:010d}_{version:020d}"


def number(text: str) -> int:
    return int(text.rpartition("_")[2])


def row_hash(key: str, value: bytes) -> int:
    version = json.loads(value)["version"]
    row = blake2b(UUID(key).bytes + version.encode() + value, digest_size=16)
    return int.from_bytes(row.digest(), "big")


def _same(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    return all(a.get(name) == b.get(name) for name in FIELDS)


def _value_bytes(message: bytes) -> bytes:
    text = message.decode()
    start = text.index('"value":') + len('"value":')
    _, end = json.JSONDecoder().raw_decode(text, start)
    return text[start:end].encode()
