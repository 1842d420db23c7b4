"""The judge: replays what the server says it accepted, and compares everything with that.

It shares no code with what it judges: the rules here are written a second time, from the design.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from clientela.cli.torture.evidence import Evidence, Left
from clientela.cli.torture.history import Answer, Asked, History
from clientela.cli.torture.reads import wrong_reads
from clientela.cli.torture.rows import (
    FIELDS,
    TOLD_MAX,
    different_rows,
    few,
    hash_of,
    value_of,
    wrong_facade,
)


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
    found = few("feed", _replay(history, evidence.server, replay))
    found += few("server", _server(evidence.server, replay))
    for number, facade in enumerate(evidence.facades):
        found += few(facade.name, wrong_facade(facade, evidence.server))
        found += few(f"{facade.name} receipts", _told(history, evidence, number))
    found += few("receipts", _receipts(history, evidence.server, replay))
    found += few("reads", wrong_reads(history, evidence.server.receipts, replay.past))
    return found + history.oddities[:TOLD_MAX]


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
        after = value_of(message) if headers["operation"] != "delete" else None
        total = (total + hash_of(key, after) - hash_of(key, before)) % (1 << 128)
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
    old = dict.fromkeys(FIELDS) | (json.loads(before) if before else {})
    for changed in _overrun(asked, old):
        yield f"{name} was accepted over a conflict in {changed}: {old[changed]!r}"
    if asked.operation != "delete":
        expected = {name: old[name] for name in FIELDS} | asked.set
        yield from (f"{name} {wrong}" for wrong in _wrong_value(change, expected, replay))


def _overrun(asked: Asked, old: dict[str, Any]) -> list[str]:
    """Give the fields that held something else than the writer had seen."""
    if asked.was is None:
        return []
    if asked.operation == "delete":
        return [name for name in FIELDS if old[name] != asked.was.get(name)]
    return [name for name, new in asked.set.items() if old[name] not in (new, asked.was.get(name))]


def _wrong_value(change: dict[str, Any], expected: dict[str, Any], replay: Replay) -> Iterator[str]:
    key, value, version = change["key"], change.get("value"), change["headers"]["version"]
    if value is None or {name: value[name] for name in FIELDS} != expected:
        yield f"became {value}, not {expected}"
        return
    if (value["version"], value["id"]) != (version, key):
        yield f"has a value of {value['id']} at {value['version']}"
    document = value["document"]
    for other, row in replay.rows.items():
        if document and other != key and json.loads(row)["document"] == document:
            yield f"gives the document {document} to a second client"


def _server(server: Left, replay: Replay) -> Iterator[str]:
    expected = [replay.rows[key] for key in sorted(replay.rows)]
    yield from different_rows(expected, server.rows)


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
