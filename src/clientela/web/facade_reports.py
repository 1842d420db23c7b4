"""What a facade tells its server of itself, and the server everyone who asks."""

from typing import Literal

import msgspec


class SyncDigest(msgspec.Struct):
    """The proof of being in step: when replica and register last had the same digest.

    ``rows_repaired`` counts rows that differed, since the facade's start.
    """

    state: Literal["agreed", "checking", "differs", "unknown"]
    version: str | None
    agreed: bool
    at: str | None
    rows_repaired: int


class SyncOutbox(msgspec.Struct):
    """How many writes wait here, and for how long the oldest has."""

    pending: int
    refused: int
    oldest_age_ms: int | None


class FacadeLatencies(msgspec.Struct):
    """How long requests took: percentiles in microseconds, to the last byte."""

    p50: float
    p95: float
    p99: float


class FacadeReport(msgspec.Struct):
    """A facade's summary of itself; its requests are those of the last five minutes."""

    state: Literal["live", "syncing", "offline"]
    version: str | None
    lag_ms: int | None
    clients: int
    digest: SyncDigest
    outbox: SyncOutbox
    lost: int
    requests: int
    latency_us: FacadeLatencies | None
    release: str
    last_error: str | None


class KnownFacade(FacadeReport):
    """A facade as it was when it last reported.

    ``behind`` is the number of changes that the register has beyond the facade's; null where that
    is not known.
    """

    name: str
    seen_at: str
    seen_age_ms: int
    behind: int | None


SHAPES: tuple[type, ...] = (FacadeReport, KnownFacade)
