"""Judging a register that was put back to a backup: what it and the facades must hold then.

Three things are promised: the register is what it was when the backup was taken, and everyone is in
step with that; what a facade held of the rest is listed there; and offered again, it is all back.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from clientela.cli.torture.evidence import Evidence, Left
from clientela.cli.torture.history import History
from clientela.cli.torture.rows import (
    FIELDS,
    different_rows,
    digest_of,
    few,
    value_of,
    wrong_facade,
)

Lost = Mapping[str, Any]  # a change as a facade lists it
_CHANGE = ("type", "key", "value", "headers")


def judge_backup(history: History, version: int, began_s: float) -> list[str]:
    """Compare a backup with what was answered before it began: all of that must be in it."""
    return few("backup", _not_in_backup(history, version, began_s))


def _not_in_backup(history: History, version: int, began_s: float) -> Iterator[str]:
    for asked in history.writes.values():
        for answer in asked.answers:
            if answer.version and answer.at_s < began_s and _number(answer.version) > version:
                yield f"{asked.write_id} was answered {answer}, the backup ends at {version}"


def judge_restored(
    before: Evidence, after: Evidence, version: int, lists: Sequence[Sequence[Lost]]
) -> list[str]:
    """Judge the moment after a restore: ``version`` is the backup's, ``before`` was judged well."""
    found = few("restored", _restored(before.server, after.server, version))
    for old, new, listed in zip(before.facades, after.facades, lists, strict=True):
        found += few(f"restored {new.name}", wrong_facade(new, after.server))
        found += few(f"lost at {new.name}", _wrong_list(old, new, version, listed))
    return found


def _restored(before: Left, after: Left, version: int) -> Iterator[str]:
    """Compare the register with the replay of its changes up to the backup."""
    kept, lost = before.messages[:version], before.messages[version:]
    if list(after.messages) != list(kept):
        yield f"its feed has {len(after.messages)} changes, not the first {version} as they were"
    yield from different_rows(_replayed(kept), after.rows)
    if digest_of(after.rows) != after.digest:
        yield "the digest is not that of the rows"
    if _number(after.position) != version:
        yield f"it stands at {after.position}, the backup ended at {version}"
    if _epoch(after.position) <= _epoch(before.position):
        yield f"its epoch did not rise: {before.position}, then {after.position}"
    for message in kept:
        headers = json.loads(message)["headers"]
        receipt = after.receipts.get(headers["write_id"])
        if receipt is None or (receipt["outcome"], receipt["version"]) != (
            "accepted",
            headers["version"],
        ):
            yield f"{headers['write_id']} is in its feed, the receipt is {receipt}"
    for message in lost:
        write_id = json.loads(message)["headers"]["write_id"]
        if after.receipts.get(write_id) is not None:
            yield f"{write_id} was lost, yet has the receipt {after.receipts[write_id]}"


def _replayed(messages: Sequence[bytes]) -> list[bytes]:
    rows: dict[str, bytes] = {}
    for message in messages:
        change = json.loads(message)
        if change["headers"]["operation"] == "delete":
            rows.pop(change["key"], None)
        else:
            rows[change["key"]] = value_of(message)
    return [rows[key] for key in sorted(rows)]


def held(facade: Left, version: int) -> list[Any]:
    """Give the changes after a version that a facade held; it knows none from before its copy."""
    changes = map(json.loads, facade.messages)
    return [change for change in changes if _number(change["headers"]["version"]) > version]


def _wrong_list(old: Left, new: Left, version: int, listed: Sequence[Lost]) -> Iterator[str]:
    """Compare what a facade lists with what it held, and that it calls none of it accepted."""
    expected = held(old, version)
    found = [{name: lost[name] for name in _CHANGE if name in lost} for lost in listed]
    yield from (f"does not list {change}" for change in expected if change not in found)
    yield from (f"lists {change}, not held there" for change in found if change not in expected)
    if found != expected and sorted(map(_version, found)) == sorted(map(_version, expected)):
        yield f"lists its {len(found)} changes in another order, or otherwise than they were"
    if (new.sync or {}).get("lost") != len(listed):
        yield f"says that {(new.sync or {}).get('lost')} are lost, and lists {len(listed)}"
    for change in expected:
        receipt = new.receipts.get(change["headers"]["write_id"])
        if receipt is not None and receipt["outcome"] == "accepted":
            yield f"{change['headers']['write_id']} is lost, its receipt there is {receipt}"


def judge_offered(
    before: Evidence, restored: Evidence, after: Evidence, lost: Sequence[Lost], through: str
) -> list[str]:
    """Judge what holds when all that was lost was offered again, in its order, at one facade."""
    found = few("offered again", _same_clients(before.server.rows, after.server.rows))
    found += few("offered again", _written_again(restored.server, after.server, lost, through))
    for facade in after.facades:
        found += few(f"offered again, {facade.name}", wrong_facade(facade, after.server))
    return found


def _same_clients(before: Sequence[bytes], after: Sequence[bytes]) -> Iterator[str]:
    """Compare clients by their fields: versions and times are new."""
    old, new = _fields(before), _fields(after)
    yield from (f"lacks {client_id}: {old[client_id]}" for client_id in sorted(old.keys() - new))
    yield from (f"has {client_id} too many" for client_id in sorted(new.keys() - old))
    for client_id in sorted(old.keys() & new):
        if old[client_id] != new[client_id]:
            yield f"{client_id} was {old[client_id]}, and is {new[client_id]}"


def _fields(rows: Sequence[bytes]) -> dict[str, dict[str, Any]]:
    clients = map(json.loads, rows)
    return {client["id"]: {name: client[name] for name in FIELDS} for client in clients}


def _written_again(
    restored: Left, after: Left, lost: Sequence[Lost], through: str
) -> Iterator[str]:
    """Compare the changes since the restore with those that were offered."""
    known = len(restored.messages)
    if list(after.messages[:known]) != list(restored.messages):
        yield "the feed from before the offers is another"
    new = [json.loads(message) for message in after.messages[known:]]
    if len(new) != len(lost):
        yield f"{len(lost)} changes were offered, and became {len(new)}"
    epoch = _epoch(restored.position)
    for number, (change, old) in enumerate(zip(new, lost, strict=False), start=known + 1):
        headers = change["headers"]
        if headers["version"] != f"{epoch:010d}_{number:020d}":
            yield f"change {number} has the version {headers['version']}"
        if (headers["operation"], change["key"], headers["facade"]) != (
            old["headers"]["operation"],
            old["key"],
            through,
        ):
            yield f"{old} was offered again at {through}, and became {change}"
    if digest_of(after.rows) != after.digest:
        yield "the digest is not that of the rows"


def judge_lists(lists: Sequence[Sequence[Lost]], names: Sequence[Sequence[str]]) -> list[str]:
    """Compare what each facade lists with the ids of the writes that it must list."""
    found = []
    for number, (listed, expected) in enumerate(zip(lists, names, strict=True)):
        ids = [lost["headers"]["write_id"] for lost in listed]
        if ids != list(expected):
            found.append(f"lost at branch-{number}: lists {ids}, not {list(expected)}")
    return found


def _version(change: Mapping[str, Any]) -> str:
    return str(change["headers"]["version"])


def _number(position: str) -> int:
    return int(position.partition("_")[2])


def _epoch(position: str) -> int:
    return int(position.partition("_")[0])
