"""Judging reads: positions of a facade never go back, and its clients see their own writes."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from clientela.cli.torture.history import Answer, Asked, History, Seen

Receipts = Mapping[str, Mapping[str, Any] | None]
Past = Mapping[str, Mapping[str, Mapping[str, Any] | None]]


def wrong_reads(history: History, receipts: Receipts, past: Past) -> Iterator[str]:
    """Give the reads that break a promise."""
    groups: dict[tuple[int, int], list[Seen]] = defaultdict(list)
    for seen in history.reads:
        # A power cut may take from a replica what was not synced: each time begins anew.
        groups[seen.facade, seen.era].append(seen)
    for group in groups.values():
        yield from _went_back(group)
    yield from _not_shown(history, receipts, past)


def _went_back(reads: Sequence[Seen]) -> Iterator[str]:
    """Compare each read with those that had ended when it began."""
    ended = sorted(reads, key=lambda seen: seen.ended_s)
    times = [seen.ended_s for seen in ended]
    highest: list[str] = []
    for seen in ended:
        highest.append(max(seen.position, highest[-1]) if highest else seen.position)
    for seen in reads:
        before = bisect_left(times, seen.began_s)
        if before and seen.position < highest[before - 1]:
            yield (
                f"branch-{seen.facade} went back from {highest[before - 1]} to {seen.position} "
                f"at {seen.began_s:.3f}"
            )


def _not_shown(history: History, receipts: Receipts, past: Past) -> Iterator[str]:
    """Compare each read of a client with the writes answered before it, at the same facade."""
    answered: dict[tuple[int, str], list[tuple[float, Asked, Answer]]] = defaultdict(list)
    by_client: dict[str, list[Asked]] = defaultdict(list)
    for asked in history.writes.values():
        by_client[asked.client_id].append(asked)
        for answer in asked.answers:
            if answer.verdict != "refused":
                key = asked.facade, asked.client_id
                answered[key].append((answer.at_s, asked, answer))
    for entries in answered.values():
        entries.sort(key=lambda entry: entry[0])
    for seen in history.reads:
        if seen.client_id is None or seen.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            continue
        entries = answered[seen.facade, seen.client_id]
        for _, asked, answer in entries[: bisect_right(entries, seen.began_s, key=_time)]:
            receipt = receipts[asked.write_id]
            if _shows(seen, asked, answer, receipt, past):
                continue
            if not _covered(seen, asked, by_client[seen.client_id], receipts):
                yield (
                    f"{asked.operation} {asked.write_id} was answered {answer}, and then "
                    f"branch-{seen.facade} showed {seen.status} {seen.client} at {seen.position}; "
                    f"its receipt is {receipt}"
                )


def _time(entry: tuple[float, Asked, Answer]) -> float:
    return entry[0]


def _shows(
    seen: Seen, asked: Asked, answer: Answer, receipt: Mapping[str, Any] | None, past: Past
) -> bool:
    if receipt is None or receipt["outcome"] == "refused":
        return True  # it was shown until the refusal came; when that was, is not known here
    version = receipt["version"]
    if answer.verdict == "accepted" and answer.era != seen.era and seen.position < version:
        return True  # a power cut took the replica's copy; the register has it
    if seen.status == HTTPStatus.NOT_FOUND and seen.era and asked.operation != "insert":
        # After a power cut a facade may keep a write of a client that it has to learn of again.
        return seen.position < min(past.get(asked.client_id, ()), default="")
    # A client that is gone stays so: a delete hides whatever came before it.
    if asked.operation == "delete" or seen.status == HTTPStatus.GONE:
        return seen.status == HTTPStatus.GONE
    return seen.client is not None and (
        asked.write_id in seen.client.get("pending", ())
        or (seen.client["version"] or "") >= version
        or _holds(seen.client, asked)
        or seen.position >= _next_change(past, asked, version)
    )


def _holds(client: Mapping[str, Any], asked: Asked) -> bool:
    return all(client[name] == value for name, value in asked.set.items())


def _covered(seen: Seen, asked: Asked, others: Sequence[Asked], receipts: Receipts) -> bool:
    """Tell whether what is missing of a write was covered by writes that wait, or came later."""
    if seen.client is None:
        return False
    since = (receipts[asked.write_id] or {}).get("version") or ""
    waiting = seen.client.get("pending", ())
    covered = [
        other.set
        for other in others
        if other.write_id in waiting or _accepted_after(since, receipts[other.write_id])
    ]
    return all(
        seen.client[name] == value
        or any(name in values and values[name] == seen.client[name] for values in covered)
        for name, value in asked.set.items()
    )


def _accepted_after(version: str, receipt: Mapping[str, Any] | None) -> bool:
    return receipt is not None and (receipt["version"] or "") > version


def _next_change(past: Past, asked: Asked, version: str) -> str:
    """Give the version at which a later write may have hidden this one."""
    later = [at for at in past.get(asked.client_id, ()) if at > version]
    return min(later, default="\uffff")
