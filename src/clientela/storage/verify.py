"""Whether a register's file, or a replica's, is what it says: judged from its rows alone."""

import apsw

from clientela import limits
from clientela.clients import digest
from clientela.clients.ids import id_text
from clientela.storage.backup import Progress
from clientela.storage.register import Head, RegisterTables

ROWS = "SELECT id, version, value FROM clients"
KEPT_CHANGES = "SELECT count(*), min(version), max(version) FROM changes"


def in_agreement(connection: apsw.Connection, progress: Progress) -> str | None:
    """Tell where rows, digest and changes contradict each other; None when they agree."""
    head = RegisterTables(connection).head()
    if head is None:
        return None  # a facade before the first page of its copy
    return _rows(connection, head, progress) or _changes(connection, head)


def _rows(connection: apsw.Connection, head: Head, progress: Progress) -> str | None:
    total, clients = digest.EMPTY, 0
    for key, version, value in connection.execute(ROWS):
        total = digest.add(total, digest.row_digest(id_text(key), version, value))
        clients += 1
        if clients % limits.VERIFY_STEP_ROWS == 0:
            progress("Checking", clients, head.clients)
    progress("Checking", clients, clients)
    if clients != head.clients:
        return f"it has {clients} clients, and should have {head.clients}"
    if total != head.digest:
        return "its clients don't add up to its digest"
    return None


def _changes(connection: apsw.Connection, head: Head) -> str | None:
    """Every version from the beginning to the head is there, once."""
    kept, first, last = connection.execute(KEPT_CHANGES).fetchall()[0]
    expected = head.position.version - head.beginning
    if kept != expected:
        return f"it has {kept} changes, and should have {expected}"
    if kept and (first, last) != (head.beginning + 1, head.position.version):
        return "its changes have a gap"
    return None
