"""What ``GET /sync`` tells of a facade."""

from typing import Any, Literal

import msgspec

from clientela.clients.writes import Operation, Outcome, Reason
from clientela.web.facade_reports import SyncDigest, SyncOutbox


class SyncWrite(msgspec.Struct):
    """A write that waits for the server, or that a person has to look at: its receipt and more."""

    write_id: str
    client_id: str
    operation: Operation
    outcome: Outcome
    reason: Reason | None
    at: str | None
    set: dict[str, Any]
    was: dict[str, str | None]
    age_ms: int
    attempts: int
    last_error: str | None
    next_retry_at: str | None


class SyncStatus(msgspec.Struct):
    """How far a facade is in step with its server.

    ``writes`` are the oldest that wait or were refused, not all of a long outbox; ``lost`` is the
    number of changes that were held here and that the register, restored, has no more;
    ``erased_writes`` that of writes that waited or were refused and went when their client was
    erased.
    """

    name: str
    state: Literal["live", "syncing", "offline"]
    server: str
    version: str | None
    server_version: str | None
    lag_ms: int | None
    clients: int
    searchable: bool
    digest: SyncDigest
    outbox: SyncOutbox
    writes: list[SyncWrite]
    lost: int
    erased_writes: int
    last_error: str | None


class SyncChangeHeaders(msgspec.Struct):
    """Where a state stands in its log."""

    operation: str
    version: str


class SyncChange(msgspec.Struct):
    """A message of ``/sync/changes``: the whole state after a change of it."""

    type: str
    key: str
    value: SyncStatus
    headers: SyncChangeHeaders
