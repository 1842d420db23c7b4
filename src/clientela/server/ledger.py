"""One transaction's worth of decisions: each write's effect, its change and its receipt."""

from dataclasses import replace
from datetime import datetime

import msgspec

from clientela.clients import digest
from clientela.clients.changes import ChangeHeaders, encode_change
from clientela.clients.decide import Accepted, Refused, Repeated, Unchanged, decide
from clientela.clients.model import Client
from clientela.clients.times import rfc3339
from clientela.clients.writes import Reason, Receipt, Write, same_content
from clientela.feed.position import Position
from clientela.server.tables import ServerTables, StoredReceipt, Submission
from clientela.storage.register import Head, Row


class Ledger:
    """Settles writes on open tables; the caller begins, commits, and stores ``head``."""

    def __init__(self, tables: ServerTables, head: Head, now: datetime) -> None:
        """``now`` is the time of the transaction, in UTC."""
        self._tables = tables
        self._now = now
        self._timestamp = rfc3339(now)
        self.head = head

    def settle(self, submission: Submission) -> Receipt:
        """Give the write's receipt: the earlier one when it was decided before."""
        write = submission.parsed.write
        earlier = self._tables.receipt(write.write_id)
        if earlier is not None:
            return _again(write, earlier)
        receipt = self._decided(submission)
        self._tables.add_receipt(write, receipt)
        return receipt

    def _decided(self, submission: Submission) -> Receipt:
        write, errors = submission.parsed
        if errors:
            reason = Reason("invalid", "The client is not valid.", errors=list(errors))
            return _receipt(submission, reason=reason)
        if self._builds_on_refused(write):
            detail = "A write that this one builds on was refused."
            return _receipt(submission, reason=Reason("depends-on", detail))
        decision = decide(self._tables.current(write), write, self._tables.holder_of)
        match decision:
            case Refused(reason):
                return _receipt(submission, reason=reason)
            case Unchanged(version):
                return _receipt(submission, version=version)
            case Repeated(write_id):
                return self._of_the_creation(submission, write_id)
            case Accepted(fields):
                return _receipt(submission, version=self._apply(submission, fields))

    def _builds_on_refused(self, write: Write) -> bool:
        earlier = (self._tables.receipt(write_id) for write_id in write.depends_on)
        return any(found and found.receipt.outcome == "refused" for found in earlier)

    def _of_the_creation(self, submission: Submission, write_id: str) -> Receipt:
        creation = self._tables.receipt(write_id)
        return _receipt(submission, version=creation.receipt.version if creation else None)

    def _apply(self, submission: Submission, fields: dict[str, str | None] | None) -> str:
        """Change the register; gives the position of the change."""
        write = submission.parsed.write
        position = Position(self.head.position.epoch, self.head.position.version + 1)
        before = self._tables.client(write.client_id)
        total, clients = self.head.digest, self.head.clients
        if isinstance(before, Row):
            total = digest.subtract(total, digest.row_digest(*before))
            clients -= 1
        value = None
        if fields is None:
            self._tables.bury(write.client_id, str(position))
        else:
            row = self._row(write, fields, position, before if isinstance(before, Row) else None)
            self._tables.put(row, fields["document"])
            total = digest.add(total, digest.row_digest(*row))
            clients += 1
            value = row.value
        if write.operation == "insert":
            self._tables.add_creation(write.client_id, write.write_id)
        self.head = replace(self.head, position=position, digest=total, clients=clients)
        self._append(submission, value)
        return str(position)

    def _row(
        self, write: Write, fields: dict[str, str | None], position: Position, before: Row | None
    ) -> Row:
        created_at = _created_at(before.value) if before else self._timestamp
        client = msgspec.convert(
            {
                **fields,
                "id": write.client_id,
                "created_at": created_at,
                "updated_at": self._timestamp,
                "version": str(position),
            },
            Client,
        )
        return Row(write.client_id, str(position), msgspec.json.encode(client))

    def _append(self, submission: Submission, value: bytes | None) -> None:
        write = submission.parsed.write
        headers = ChangeHeaders(
            operation=write.operation,
            version=str(self.head.position),
            digest=digest.to_hex(self.head.digest),
            timestamp=self._timestamp,
            write_id=write.write_id,
            facade=submission.facade,
            actor=submission.actor,
        )
        message = encode_change(write.client_id, headers, value)
        at_s = int(self._now.timestamp())
        self._tables.append_change(self.head.position, write.client_id, at_s, message)


def _created_at(value: bytes) -> str | None:
    return msgspec.json.decode(value, type=Client).created_at


def _receipt(
    submission: Submission, *, version: str | None = None, reason: Reason | None = None
) -> Receipt:
    write = submission.parsed.write
    return Receipt(
        write_id=write.write_id,
        client_id=write.client_id,
        operation=write.operation,
        outcome="refused" if reason else "accepted",
        version=version,
        reason=reason,
        at=write.at,
        facade=submission.facade,
        actor=submission.actor,
    )


def _again(write: Write, earlier: StoredReceipt) -> Receipt:
    """Answer a ``write_id`` that was used before: only the same content gets its receipt."""
    if same_content(write, earlier.write):
        return earlier.receipt
    detail = "This write_id was used for another write: take a new one."
    reason = Reason("key-reused", detail)
    return Receipt(
        write.write_id, write.client_id, write.operation, "refused", reason=reason, at=write.at
    )
