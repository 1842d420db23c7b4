"""What ``GET /sync`` tells of a facade."""

from typing import Literal

import msgspec

from clientela.clients.writes import Receipt


class SyncDigest(msgspec.Struct):
    """The proof of being in step: when replica and register last had the same digest."""

    state: Literal["agreed", "checking", "differs", "unknown"]
    version: str | None
    agreed: bool
    at: str | None


class SyncOutbox(msgspec.Struct):
    """Writes that wait here."""

    pending: int
    refused: int
    oldest_age_ms: int | None


class SyncStatus(msgspec.Struct):
    """How far a facade is in step with its server."""

    name: str
    state: Literal["live", "syncing", "offline"]
    server: str
    version: str | None
    server_version: str | None
    lag_ms: int | None
    clients: int
    digest: SyncDigest
    outbox: SyncOutbox
    writes: list[Receipt]
    last_error: str | None
