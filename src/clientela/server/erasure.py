"""The erasure of a person: a delete that leaves nothing of what was known, in one transaction.

The client's earlier changes leave the log, its receipts stay without any value, and who was erased
is kept by id alone: so that followers that come back later hear of it, and a backup from before
does not bring the person back.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import uuid_utils

from clientela.clients import digest
from clientela.clients.changes import ChangeHeaders, encode_change
from clientela.clients.erased import (
    blank_receipt,
    blank_write,
    same_target,
    without_document,
    without_holder,
)
from clientela.clients.times import rfc3339
from clientela.clients.writes import Receipt, Write
from clientela.errors import ClientelaError
from clientela.feed.position import Position
from clientela.server.audit_tables import AuditTables, Source
from clientela.server.ledger import key_reused
from clientela.server.tables import ServerTables, StoredReceipt
from clientela.storage.erasures import Erasure
from clientela.storage.register import Head, Row

ERASED = "erase"  # the name of the act in the audit trail


class Request(NamedTuple):
    """Whom to erase, by which write, and where that came from. ``now`` is in UTC."""

    client_id: str
    write_id: str
    now: datetime
    source: Source = Source()


def erase(tables: ServerTables, head: Head, asked: Request) -> tuple[Receipt, Head]:
    """Erase a person; gives the receipt and the register's new head, which is stored.

    A person that was erased before is accepted at that version, with no further change. Raises
    ClientelaError ``not-found`` for an id that never was a client's.
    """
    write = _write(asked)
    earlier = tables.receipt(asked.write_id)
    if earlier is not None:
        same = same_target(write, earlier.write) and _is_erased(tables, asked.client_id)
        return (earlier.receipt if same else key_reused(write)), head
    if tables.client(asked.client_id) is None:
        raise ClientelaError("not-found", "No client has this id.")
    return _erased(tables, head, asked, write)


def erase_again(tables: ServerTables, erasures: Iterable[Erasure], now: datetime) -> int:
    """Erase who was erased in another state of this register; gives how many were not yet so.

    Also who is not in this state at all: a follower may still hold something of it.
    """
    known = tables.erasures.of
    missing = [erasure.client_id for erasure in erasures if known(erasure.client_id) is None]
    head = tables.head()
    assert head is not None  # noqa: S101 - a file with an erasure has a register
    for client_id in missing:
        asked = Request(client_id, str(uuid_utils.uuid7()), now)
        _, head = _erased(tables, head, asked, _write(asked))
    return len(missing)


def _write(asked: Request) -> Write:
    return Write(
        write_id=asked.write_id,
        operation="delete",
        client_id=asked.client_id,
        set={},
        was={},
        at=rfc3339(asked.now),
    )


def _erased(tables: ServerTables, head: Head, asked: Request, write: Write) -> tuple[Receipt, Head]:
    before = tables.erasures.of(asked.client_id)
    if before is None:
        head = _apply(tables, head, asked)
    receipt = _receipt(write, asked.source, before.version if before else str(head.position))
    tables.add_receipt(StoredReceipt(write, receipt))
    at_us = int(asked.now.timestamp()) * 1_000_000 + asked.now.microsecond
    audit = AuditTables(tables.connection)
    audit.add(at_us, ERASED, asked.client_id, asked.write_id, asked.source)
    return receipt, head


def _is_erased(tables: ServerTables, client_id: str) -> bool:
    return tables.erasures.of(client_id) is not None


def _apply(tables: ServerTables, head: Head, asked: Request) -> Head:
    """Erase from every table, and append the change that tells of it."""
    position = Position(head.position.epoch, head.position.version + 1)
    total, clients = head.digest, head.clients
    found = tables.client(asked.client_id)
    if isinstance(found, Row):
        total, clients = digest.subtract(total, digest.row_digest(*found)), clients - 1
    tables.bury(asked.client_id, str(position))
    tables.erasures.note(Erasure(asked.client_id, str(position)))
    tables.erasures.blank_changes(asked.client_id, position.version)
    _blank_receipts(tables, asked.client_id)
    headers = ChangeHeaders(
        operation="delete",
        version=str(position),
        digest=digest.to_hex(total),
        timestamp=rfc3339(asked.now),
        write_id=asked.write_id,
        facade=asked.source.facade,
        actor=asked.source.actor,
        erased=True,
    )
    message = encode_change(asked.client_id, headers, None)
    tables.append_change(position, asked.client_id, int(asked.now.timestamp()), message)
    head = Head(head.register, position, total, clients, head.beginning)
    tables.set_head(head)
    return head


def _blank_receipts(tables: ServerTables, client_id: str) -> None:
    audit = AuditTables(tables.connection)
    for write_id in audit.writes_of(client_id):
        stored = tables.receipt(write_id)
        if stored is not None:
            blank = StoredReceipt(blank_write(stored.write), blank_receipt(stored.receipt))
            tables.set_receipt(blank)
    for write_id in audit.naming(client_id):
        stored = tables.receipt(write_id)
        if stored is not None:
            write, receipt = without_document(stored.write), without_holder(stored.receipt)
            tables.set_receipt(StoredReceipt(write, receipt))
    audit.forget_naming(client_id)


def _receipt(write: Write, source: Source, version: str) -> Receipt:
    return Receipt(
        write_id=write.write_id,
        client_id=write.client_id,
        operation=write.operation,
        outcome="accepted",
        version=version,
        at=write.at,
        facade=source.facade,
        actor=source.actor,
    )
