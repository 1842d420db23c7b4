"""One transaction's worth of decisions: each write's effect, its change and its receipt."""

from datetime import datetime

import msgspec

from clientela.clients import digest
from clientela.clients.changes import ChangeHeaders, encode_change
from clientela.clients.decide import Accepted, Refused, Repeated, Unchanged, decide
from clientela.clients.erased import (
    blank_receipt,
    blank_write,
    same_but_document,
    same_target,
)
from clientela.clients.model import Client
from clientela.clients.times import rfc3339
from clientela.clients.writes import Reason, Receipt, Write, same_content
from clientela.feed.position import Position
from clientela.server.group_tables import GroupTables
from clientela.server.tables import StoredReceipt, Submission
from clientela.storage.register import Head, Row


class Ledger:
    """Settles writes on open tables; the caller begins, commits, and stores ``head``."""

    def __init__(self, tables: GroupTables, head: Head, now: datetime) -> None:
        """``now`` is the time of the transaction, in UTC."""
        self._tables = tables
        self._timestamp = rfc3339(now)
        self._at_s = int(now.timestamp())
        self._at_us = self._at_s * 1_000_000 + now.microsecond
        self._before = head
        self._position = head.position
        self._digest, self._clients = head.digest, head.clients

    @property
    def head(self) -> Head:
        """Give the register's head after what was settled."""
        before = self._before
        return Head(before.register, self._position, self._digest, self._clients, before.beginning)

    def settle(self, submission: Submission) -> Receipt:
        """Give the write's receipt: the earlier one when it was decided before."""
        write = submission.parsed.write
        earlier = self._tables.receipt(write.write_id)
        if earlier is not None:
            return self._again(write, earlier)
        before = self._position
        receipt = self._decided(submission)
        kept = write, receipt
        if self._position == before and self._tables.is_erased(write.client_id):
            kept = blank_write(write), blank_receipt(receipt)
        self._tables.add_receipt(*kept, submission, self._at_us)
        return receipt

    def _again(self, write: Write, earlier: StoredReceipt) -> Receipt:
        """Answer a ``write_id`` that was used before: only the same content gets its receipt.

        Of an erased client the content is gone: there the same operation is taken for the same.
        """
        if same_content(write, earlier.write):
            return earlier.receipt
        if same_target(write, earlier.write) and self._tables.is_erased(write.client_id):
            return earlier.receipt
        if same_but_document(write, *earlier):
            return earlier.receipt
        return key_reused(write)

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
        self._position = Position(self._position.epoch, self._position.version + 1)
        version = str(self._position)
        found = self._tables.client(write.client_id)
        before = found if isinstance(found, Row) else None
        if before is not None:
            self._digest = digest.subtract(self._digest, digest.row_digest(*before))
            self._clients -= 1
        value = None
        if fields is None:
            self._tables.bury(write.client_id, version)
        else:
            value = self._value(write, fields, version, before)
            row = Row(write.client_id, version, value)
            self._tables.put(row, fields["document"])
            self._digest = digest.add(self._digest, digest.row_digest(*row))
            self._clients += 1
        if write.operation == "insert":
            self._tables.add_creation(write.client_id, write.write_id)
        self._append(submission, version, value)
        return version

    def _value(
        self, write: Write, fields: dict[str, str | None], version: str, before: Row | None
    ) -> bytes:
        name = fields["name"]
        assert name is not None  # noqa: S101 - decide() accepts no client without one
        client = Client(
            id=write.client_id,
            name=name,
            email=fields["email"],
            phone=fields["phone"],
            document=fields["document"],
            notes=fields["notes"],
            created_at=_created_at(before.value) if before else self._timestamp,
            updated_at=self._timestamp,
            version=version,
        )
        return msgspec.json.encode(client)

    def _append(self, submission: Submission, version: str, value: bytes | None) -> None:
        write = submission.parsed.write
        headers = ChangeHeaders(
            operation=write.operation,
            version=version,
            digest=digest.to_hex(self._digest),
            timestamp=self._timestamp,
            write_id=write.write_id,
            facade=submission.facade,
            actor=submission.actor,
        )
        message = encode_change(write.client_id, headers, value)
        self._tables.append_change(self._position, write.client_id, self._at_s, message)


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


def key_reused(write: Write) -> Receipt:
    """Refuse a write whose ``write_id`` was used for another."""
    detail = "This write_id was used for another write: take a new one."
    reason = Reason("key-reused", detail)
    return Receipt(
        write.write_id, write.client_id, write.operation, "refused", reason=reason, at=write.at
    )
