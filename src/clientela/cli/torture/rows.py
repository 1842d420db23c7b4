"""Comparing rows, digests and feeds: what the oracle asks of everyone when all is quiet."""

import json
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from uuid import UUID

from clientela.cli.torture.evidence import Left

FIELDS = ("name", "email", "phone", "document", "notes")
TOLD_MAX = 20  # findings of one kind that are told; the rest is counted


def few(about: str, findings: Iterator[str]) -> list[str]:
    """Give findings about something, named by it; no more than can be read."""
    told = [f"{about}: {finding}" for finding in findings]
    rest = len(told) - TOLD_MAX
    return told[:TOLD_MAX] + ([f"{about}: and {rest} more"] if rest > 0 else [])


def value_of(message: bytes) -> bytes:
    """Give the exact bytes of a change's value."""
    text = message.decode()
    start = text.index('"value":') + len('"value":')
    _, end = json.JSONDecoder().raw_decode(text, start)
    return text[start:end].encode()


def hash_of(key: str, value: bytes | None) -> int:
    """Give what a row adds to the digest."""
    if value is None:
        return 0
    version = json.loads(value)["version"] or ""  # none in an overlay that should not be there
    row = blake2b(UUID(key).bytes + version.encode() + value, digest_size=16)
    return int.from_bytes(row.digest(), "big")


def digest_of(rows: Sequence[bytes]) -> str:
    """Give the digest of a whole register."""
    total = sum(hash_of(json.loads(row)["id"], row) for row in rows)
    return f"{total % (1 << 128):032x}"


def different_rows(expected: list[bytes], rows: Sequence[bytes]) -> Iterator[str]:
    """Compare rows, byte by byte and in their order."""
    for row in sorted(set(expected) - set(rows)):
        yield f"lacks {row.decode()}"
    for row in sorted(set(rows) - set(expected)):
        yield f"has {row.decode()}, which is not in the register"
    if list(rows) != expected and set(rows) == set(expected):
        yield "has its rows in another order, or twice"


def wrong_facade(facade: Left, server: Left) -> Iterator[str]:
    """Compare a facade with the server: rows, digest, feed; and nothing waits."""
    yield from different_rows(list(server.rows), facade.rows)
    if digest_of(facade.rows) != server.digest:
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
