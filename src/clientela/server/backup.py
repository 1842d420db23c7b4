"""What a backup of the register must hold, and what makes a restored one another history."""

from datetime import datetime

import apsw

from clientela.server.store import APPLICATION
from clientela.server.tables import MIGRATIONS
from clientela.storage.backup import Kind, Progress
from clientela.storage.register import RegisterTables
from clientela.storage.verify import in_agreement

RECEIPTS = "SELECT count(*), coalesce(max(seq), 0) FROM receipts"
WITHOUT_CREATION = """
SELECT count(*) FROM clients c
WHERE NOT EXISTS (SELECT 1 FROM creations WHERE client_id = c.id)
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


def _check(connection: apsw.Connection, progress: Progress) -> str | None:
    finding = in_agreement(connection, progress)
    if finding is not None:
        return finding
    receipts, last = connection.execute(RECEIPTS).fetchall()[0]
    if receipts != last:
        return f"it has {receipts} receipts, and should have {last}"
    orphans = connection.execute(WITHOUT_CREATION).fetchall()[0][0]
    return f"of {orphans} clients it is not known which write created them" if orphans else None


KIND = Kind(APPLICATION, MIGRATIONS, _check)
