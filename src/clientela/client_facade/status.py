"""The state of a facade: as an answer, and as a log that the pages follow live."""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime

import msgspec
import uuid_utils

from clientela import limits
from clientela.client_facade.outbox_tables import Entry
from clientela.client_facade.replica import Replica
from clientela.client_facade.sender import Sender
from clientela.client_facade.shapes import SyncStatus, SyncWrite
from clientela.client_facade.sync import Sync
from clientela.clients.times import rfc3339
from clientela.feed.log import Batch, diverged, gone
from clientela.feed.position import Position
from clientela.feed.tail import Tail
from clientela.web.facade_reports import SyncDigest, SyncOutbox
from clientela.web.metrics import Figure


class Status:
    """Tells how far a facade is in step; belongs to the event loop's thread."""

    def __init__(
        self, name: str, server: Callable[[], str], replica: Replica, sync: Sync, sender: Sender
    ) -> None:
        self._name = name
        self._server = server
        self._replica = replica
        self._sync = sync
        self._sender = sender

    def now(self) -> SyncStatus:
        """Give the present state, with the oldest writes that wait or were refused."""
        head, sync = self._replica.head, self._sync
        writes = [
            self._write(entry)
            for state in ("refused", "pending")
            for entry in self._replica.outbox.in_state(state, limits.SYNC_WRITES_MAX)
        ]
        return SyncStatus(
            name=self._name,
            state=sync.state,
            server=self._server(),
            version=str(head.position) if head else None,
            server_version=str(sync.server_position) if sync.server_position else None,
            lag_ms=sync.lag_ms,
            clients=self._replica.view.count(head.clients) if head else 0,
            searchable=self._replica.searchable,
            digest=self._digest(),
            outbox=SyncOutbox(
                pending=self._replica.pending,
                refused=self._replica.refused,
                oldest_age_ms=max((write.age_ms for write in writes), default=None),
            ),
            writes=writes,
            lost=self._replica.lost_changes,
            erased_writes=self._replica.erased_writes,
            last_error=sync.last_error,
        )

    def figures(self) -> dict[str, Figure]:
        """Give the figures that Prometheus is told."""
        head, sync = self._replica.head, self._sync
        version, rows = (head.position.version, head.clients) if head else (0, 0)
        age_s = sync.age_s
        return {
            "register_version": Figure("Version of the replica.", version),
            "clients": Figure("Clients shown here.", self._replica.view.count(rows)),
            "live": Figure("1 while the replica is in step.", sync.state == "live"),
            "age_seconds": Figure(
                "Seconds since the server was last known to be no further.",
                math.inf if age_s is None else age_s,
            ),
            "outbox_pending": Figure("Writes that wait.", self._replica.pending),
            "outbox_refused": Figure("Refused writes to look at.", self._replica.refused),
            "digest_agreed": Figure(
                "1 while replica and register agree.", sync.agreement.state == "agreed"
            ),
            "rows_repaired": Figure(
                "Rows put right.", sync.agreement.rows_repaired, is_counter=True
            ),
        }

    def _digest(self) -> SyncDigest:
        agreement = self._sync.agreement
        version, at = agreement.reached or (None, None)
        return SyncDigest(
            state=agreement.state,
            version=str(version) if version else None,
            agreed=agreement.state == "agreed",
            at=rfc3339(at) if at else None,
            rows_repaired=agreement.rows_repaired,
        )

    def _write(self, entry: Entry) -> SyncWrite:
        receipt = entry.receipt
        pending = entry.state == "pending"
        return SyncWrite(
            write_id=receipt.write_id,
            client_id=receipt.client_id,
            operation=receipt.operation,
            outcome=receipt.outcome,
            reason=receipt.reason,
            at=receipt.at,
            set=entry.write.set,
            was=entry.write.was,
            age_ms=max(0, time.time_ns() // 1_000_000 - entry.added_ms),
            attempts=entry.attempts,
            last_error=entry.last_error,
            next_retry_at=rfc3339(self._sender.next_retry_at)
            if pending and self._sender.next_retry_at
            else None,
        )


class StatusLog:
    """The states of a facade since its start, as a ``clientela.feed.log.Log``.

    Its positions begin anew with each process: a follower from before is told to ask again (410).
    """

    def __init__(self, status: Callable[[], SyncStatus], started_at: datetime) -> None:
        self._status = status
        self.identity = str(uuid_utils.uuid7())
        self._kept: deque[tuple[Position, bytes]] = deque(maxlen=limits.SYNC_STATES_KEPT_ITEMS)
        self._last = b""
        self.tail = Tail(Position(int(started_at.timestamp()), 0))
        self.beginning = self.tail.position

    def check(self, position: Position) -> None:
        """Raise ClientelaError (410) for a position of another process, or one long past."""
        if position.epoch != self.tail.position.epoch or position > self.tail.position:
            raise diverged(position)
        if position < self.beginning:
            raise gone(position, self.beginning)

    async def read(self, after: Position, limit: int) -> Batch:
        """Read states; each stands for itself, so a follower may pass by all but the last."""
        self.check(after)
        found = [(position, message) for position, message in self._kept if position > after]
        end = found[:limit][-1][0] if found else after
        return Batch([message for _, message in found[:limit]], end)

    def forget(self) -> None:
        """Keep no earlier state: one may show a write of who was erased."""
        self._kept.clear()
        self._last = b""
        self.beginning = self.tail.position

    async def run(self) -> None:
        """Note what has changed, a few times a second, until cancelled."""
        while True:
            self._note()
            await asyncio.sleep(limits.SYNC_STATE_INTERVAL_S)

    def _note(self) -> None:
        status = self._status()
        told = msgspec.json.encode(_without_clocks(status))
        if told == self._last:
            return
        self._last = told
        epoch, version = self.tail.position
        position = Position(epoch, version + 1)
        message = {
            "type": "sync",
            "key": status.name,
            "value": status,
            "headers": {"operation": "update", "version": str(position)},
        }
        if len(self._kept) == self._kept.maxlen:
            self.beginning = self._kept[0][0]
        self._kept.append((position, msgspec.json.encode(message)))
        self.tail.advance(position)


def _without_clocks(status: SyncStatus) -> SyncStatus:
    """Leave out what changes by itself as time goes by."""
    return msgspec.structs.replace(
        status,
        lag_ms=None,
        digest=msgspec.structs.replace(status.digest, at=None),
        outbox=msgspec.structs.replace(status.outbox, oldest_age_ms=None),
        writes=[msgspec.structs.replace(write, age_ms=0) for write in status.writes],
    )
