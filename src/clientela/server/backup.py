"""What a backup of the register must hold, and what makes a restored one another history."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import apsw

from clientela import limits
from clientela.clients.ids import id_text
from clientela.errors import StartupError
from clientela.feed.position import Position
from clientela.server import erasure
from clientela.server.store import APPLICATION
from clientela.server.tables import (
    MIGRATIONS,
    ServerTables,
    StoredReceipt,
    decode_receipt,
    decode_write,
)
from clientela.storage import erasures
from clientela.storage.backup import Kind, Progress
from clientela.storage.database import migrate, open_database, overwrite_deleted
from clientela.storage.erasures import Erasure, ErasureTables
from clientela.storage.inspection import rows_in_detail
from clientela.storage.register import RegisterTables
from clientela.storage.verify import in_agreement

# The number of the migration that made the table.
ERASURES_SINCE = next(n for n, made in enumerate(MIGRATIONS, 1) if erasures.TABLES in made)
ALL = -1  # as a LIMIT
RECEIPTS = "SELECT count(*), coalesce(max(seq), 0) FROM receipts"
WITHOUT_CREATION = """
SELECT count(*) FROM clients c
WHERE NOT EXISTS (SELECT 1 FROM creations WHERE client_id = c.id)
"""
EACH_RECEIPT = "SELECT write_id, write, receipt FROM receipts"
WITHOUT_RECEIPT = """
SELECT version FROM changes WHERE length(message) > 0 AND NOT EXISTS (
    SELECT 1 FROM receipts
    WHERE write_id = unhex(json_extract(CAST(message AS TEXT), '$.headers.write_id'), '-'))
LIMIT ?
"""


def begin_epoch(connection: apsw.Connection, now: datetime) -> None:
    """Let a new epoch begin after the register's last version.

    Its number is the time: a backup can be restored twice, and one number for two histories would
    let a follower take one for the other.
    """
    tables = RegisterTables(connection)
    head = tables.head()
    if head is not None:
        epoch = max(head.position.epoch + 1, int(now.timestamp()))
        tables.add_epoch(epoch, head.position.version)


def known_erasures(path: Path) -> list[Erasure]:
    """Give who was erased in a register's file; raises StartupError when it can't be read."""
    connection = open_database(path, application=APPLICATION, migrations=MIGRATIONS, read_only=True)
    try:
        if connection.pragma("user_version") < ERASURES_SINCE:
            return []
        return ErasureTables(connection).after("", ALL)
    except apsw.Error as error:
        raise StartupError(f"{path} can't be read: {error}.") from error
    finally:
        connection.close()


def erase_again(connection: apsw.Connection, erased: Sequence[Erasure], now: datetime) -> int:
    """Erase in a restored register who was erased in the one that it replaces; gives how many."""
    if not erased:
        return 0
    overwrite_deleted(connection)
    migrate(connection, APPLICATION, MIGRATIONS)
    return erasure.erase_again(ServerTables(connection), erased, now)


def _check(connection: apsw.Connection, progress: Progress) -> str | None:
    finding = in_agreement(connection, progress)
    if finding is not None:
        return finding
    receipts, last = connection.execute(RECEIPTS).fetchall()[0]
    if receipts != last:
        return f"it has {receipts} receipts, and should have {last}"
    orphans = connection.execute(WITHOUT_CREATION).fetchall()[0][0]
    return f"of {orphans} clients it is not known which write created them" if orphans else None


def _details(connection: apsw.Connection, progress: Progress) -> Iterator[str]:
    yield from rows_in_detail(connection, progress)
    yield from _receipts(connection, progress)
    for (version,) in connection.execute(WITHOUT_RECEIPT, (limits.CHECK_FINDINGS_MAX,)):
        yield f"change {version}: the write that made it has no receipt"


def _receipts(connection: apsw.Connection, progress: Progress) -> Iterator[str]:
    """Each receipt answers the write that it is kept with, and knows no version to come."""
    head = RegisterTables(connection).head()
    count: int = connection.execute(RECEIPTS).fetchall()[0][0]  # type: ignore[assignment]
    for number, (key, write, receipt) in enumerate(connection.execute(EACH_RECEIPT)):
        if number % limits.VERIFY_STEP_ROWS == 0:
            progress("Receipts", number, count)
        stored = StoredReceipt(decode_write(write), decode_receipt(receipt))
        name = id_text(key)
        if {stored.write.write_id, stored.receipt.write_id} != {name}:
            yield f"receipt {name}: it answers another write"
        version = stored.receipt.version
        if version and head and Position.parse(version).version > head.position.version:
            yield f"receipt {name}: it holds at {version}, which the register has not reached"
    progress("Receipts", count, count)


KIND = Kind(APPLICATION, MIGRATIONS, _check, details=_details)
