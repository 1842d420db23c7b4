"""The judge: replays what the server says it accepted, and compares everything with that.

It shares no code with what it judges: the rules here are written a second time, from the design.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any
from uuid import UUID

from clientela.cli.torture.evidence import Evidence, Left
from clientela.cli.torture.history import Answer, Asked, History
from clientela.cli.torture.reads import wrong_reads

_FIELDS = ("name", "email", "phone", "document", "notes")
_TOLD_MAX = 20  # findings of one kind that are told; the rest is counted


@dataclass(slots=True)
class Replay:
    """The register as it must be after every accepted write, and the way there."""

    rows: dict[str, bytes] = field(default_factory=dict)
    ever: set[str] = field(default_factory=set)
    version_of: dict[str, str] = field(default_factory=dict)  # by write
    # By client: each version with the client as it then was, None when deleted.
    past: dict[str, dict[str, dict[str, Any] | None]] = field(
        default_factory=lambda: defaultdict(dict)
    )


def judge(history: History, evidence: Evidence) -> list[str]:
    """Give everything that should not be so; nothing is a passed run."""
    replay = Replay()
    found = _few("feed", _replay(history, evidence.server, replay))
    found += _few("server", _server(evidence.server, replay))
    for number, facade in enumerate(evidence.facades):
        found += _few(facade.name, _facade(facade, evidence.server))
        found += _few(f"{facade.name} receipts", _told(history, evidence, number))
    found += _few("receipts", _receipts(history, evidence.server, replay))
    found += _few("reads", wrong_reads(history, evidence.server.receipts, replay.past))
    return found + history.oddities[:_TOLD_MAX]


def _few(about: str, findings: Iterator[str]) -> list[str]:
    told = [f"{about}: {finding}" for finding in findings]
    rest = len(told) - _TOLD_MAX
    return told[:_TOLD_MAX] + ([f"{about}: and {rest} more"] if rest > 0 else [])


def _replay(history: History, server: Left, replay: Replay) -> Iterator[str]:
    """Apply the changes one by one; gives what is wrong with them."""
    total = 0
    for number, message in enumerate(server.messages, start=1):
        change = json.loads(message)
        headers, key = change["headers"], change["key"]
        version, write_id = headers["version"], headers["write_id"]
        if version != f"{1:010d}_{number:020d}":
            yield f"change {number} has the version {version}"
        before = replay.rows.get(key)
        asked = history.writes.get(write_id)
        if write_id in replay.version_of:
            yield f"{write_id} was applied twice: {replay.version_of[write_id]} and {version}"
        if asked is None:
            yield f"nobody asked for {write_id} at {version}"
        else:
            yield from _wrong_change(asked, change, before, replay)
        after = _value(message) if headers["operation"] != "delete" else None
        total = (total + _hash(key, after) - _hash(key, before)) % (1 << 128)
        if f"{total:032x}" != headers["digest"]:
            yield f"the digest at {version} is not that of the rows"
        replay.version_of[write_id] = version
        replay.past[key][version] = None if after is None else json.loads(after)
        replay.ever.add(key)
        replay.rows.pop(key, None)
        if after is not None:
            replay.rows[key] = after
    if server.digest != f"{total:032x}":
        yield "the server's digest is not that of its changes"


def _wrong_change(
    asked: Asked, change: dict[str, Any], before: bytes | None, replay: Replay
) -> Iterator[str]:
    """Tell where a change is not what its write asked for."""
    headers, key = change["headers"], change["key"]
    name = f"{asked.operation} {asked.write_id} at {headers['version']}"
    if (headers["operation"], key) != (asked.operation, asked.client_id):
        yield f"{name} became {headers['operation']} of {key}"
    if headers["facade"] != f"branch-{asked.facade}":
        yield f"{name} came from {headers['facade']}, not from branch-{asked.facade}"
    if asked.operation == "insert" and key in replay.ever:
        yield f"{name} uses an id again"
    if asked.operation != "insert" and before is None:
        yield f"{name} changes a client that is not there"
    old = dict.fromkeys(_FIELDS) | (json.loads(before) if before else {})
    for changed in _overrun(asked, old):
        yield f"{name} was accepted over a conflict in {changed}: {old[changed]!r}"
    if asked.operation != "delete":
        expected = {name: old[name] for name in _FIELDS} | asked.set
        yield from (f"{name} {wrong}" for wrong in _wrong_value(change, expected, replay))


def _overrun(asked: Asked, old: dict[str, Any]) -> list[str]:
    """Give the fields that held something else than the writer had seen."""
    if asked.was is None:
        return []
    if asked.operation == "delete":
        return [name for name in _FIELDS if old[name] != asked.was.get(name)]
    return [name for name, new in asked.set.items() if old[name] not in (new, asked.was.get(name))]


def _wrong_value(change: dict[str, Any], expected: dict[str, Any], replay: Replay) -> Iterator[str]:
    key, value, version = change["key"], change.get("value"), change["headers"]["version"]
    if value is None or {name: value[name] for name in _FIELDS} != expected:
        yield f"became {value}, not {expected}"
        return
    if (value["version"], value["id"]) != (version, key):
        yield f"has a value of {value['id']} at {value['version']}"
    document = value["document"]
    for other, row in replay.rows.items():
        if document and other != key and json.loads(row)["document"] == document:
            yield f"gives the document {document} to a second client"


def _value(message: bytes) -> bytes:
    """Give the exact bytes of a change's value."""
    text = message.decode()
    start = text.index('"value":') + len('"value":')
    _, end = json.JSONDecoder().raw_decode(text, start)
    return text[start:end].encode()


def _hash(key: str, value: bytes | None) -> int:
    if value is None:
        return 0
    version = json.loads(value)["version"] or ""  # none in an overlay that should not be there
    row = blake2b(UUID(key).bytes + version.encode() + value, digest_size=16)
    return int.from_bytes(row.digest(), "big")


def _server(server: Left, replay: Replay) -> Iterator[str]:
    expected = [replay.rows[key] for key in sorted(replay.rows)]
    yield from _different_rows(expected, server.rows)


def _different_rows(expected: list[bytes], rows: Any) -> Iterator[str]:
    for row in sorted(set(expected) - set(rows)):
        yield f"lacks {row.decode()}"
    for row in sorted(set(rows) - set(expected)):
        yield f"has {row.decode()}, which is not in the register"
    if list(rows) != expected and set(rows) == set(expected):
        yield "has its rows in another order, or twice"


def _facade(facade: Left, server: Left) -> Iterator[str]:
    """Compare a facade with the server: rows, digest, feed; and nothing waits."""
    yield from _different_rows(list(server.rows), facade.rows)
    total = sum(_hash(json.loads(row)["id"], row) for row in facade.rows) % (1 << 128)
    if f"{total:032x}" != server.digest:
        yield "the digest of its rows is not the server's"
    if facade.position != server.position:
        yield f"stands at {facade.position}, the server at {server.position}"
    digest = (facade.sync or {}).get("digest", {})
    if digest.get("state") != "agreed" or digest.get("version") != server.position:
        yield f"does not say that it agrees with the server: {digest}"
    if facade.open_writes or facade.overlays:
        yield f"{facade.open_writes} writes wait, {facade.overlays} overlays are left"
    kept = list(facade.messages)
    if kept != list(server.messages[len(server.messages) - len(kept) :]):
        yield "its feed is not the end of the server's, byte by byte"


def _receipts(history: History, server: Left, replay: Replay) -> Iterator[str]:
    """Compare what was answered with what the register holds: each write once, none lost."""
    for asked in history.writes.values():
        receipt = server.receipts[asked.write_id]
        name = f"{asked.operation} {asked.write_id} of {asked.client_id} at branch-{asked.facade}"
        for answer in asked.answers:
            if _broken(answer, receipt):
                yield f"{name} was answered {answer}, the server's receipt is {receipt}"
        applied = replay.version_of.get(asked.write_id)
        accepted = receipt["version"] if receipt and receipt["outcome"] == "accepted" else None
        if applied is not None and applied != accepted:
            yield f"{name} is in the feed at {applied}, its receipt is {receipt}"
        if accepted is not None and applied is None:
            held = replay.past[asked.client_id].get(accepted, "never")
            if not _held(asked, held):
                yield f"{name} was accepted without a change, yet asks for one: {receipt}"


def _broken(answer: Answer, receipt: dict[str, Any] | None) -> bool:
    """Tell whether an answer promised something else than the server decided."""
    outcome = receipt["outcome"] if receipt else None
    if answer.verdict == "refused":
        return outcome == "accepted"
    if answer.verdict == "pending":
        return outcome is None
    other = bool(answer.version and receipt and answer.version != receipt["version"])
    return outcome != "accepted" or other


def _held(asked: Asked, client: Any) -> bool:
    """Tell whether a client already was as a write without a change wants it."""
    if client == "never":
        return False
    if asked.operation == "delete":
        return client is None
    return client is not None and all(client[name] == value for name, value in asked.set.items())


def _told(history: History, evidence: Evidence, number: int) -> Iterator[str]:
    """Compare the receipts that a facade gives with the server's."""
    facade = evidence.facades[number]
    for write_id, receipt in facade.receipts.items():
        truth = evidence.server.receipts[write_id]
        mine = (receipt["outcome"], receipt["version"]) if receipt else None
        theirs = (truth["outcome"], truth["version"]) if truth else None
        if mine != theirs:
            yield f"{history.writes[write_id]}: its receipt is {receipt}, the server's {truth}"
