"""What a backup of a facade's Client DB must hold: above all the writes that wait."""

from collections.abc import Iterator
from typing import get_args

import apsw

from clientela import limits
from clientela.client_facade.outbox_tables import Entry, OutboxTables, State
from clientela.client_facade.overlay import applied, has_base
from clientela.client_facade.tables import APPLICATION, MIGRATIONS, ReplicaTables
from clientela.clients.ids import id_text
from clientela.storage.backup import Kind, Progress
from clientela.storage.inspection import rows_in_detail
from clientela.storage.verify import in_agreement

OVERLAYS = "SELECT id, tag, value FROM overlay"

_OUTCOMES = {"pending": "pending", "accepted": "accepted", "settled": "accepted"}


def _check(connection: apsw.Connection, progress: Progress) -> str | None:
    if ReplicaTables(connection).copy() is not None:
        return None  # its rows are partly newer than its digest: at the copy's end it is compared
    return in_agreement(connection, progress)


def _details(connection: apsw.Connection, progress: Progress) -> Iterator[str]:
    if ReplicaTables(connection).copy() is None:
        yield from rows_in_detail(connection, progress)
    yield from _writes(connection)
    yield from _overlays(connection)


def _writes(connection: apsw.Connection) -> Iterator[str]:
    """Each write that came in here can be read, and its receipt says what its state says."""
    tables = OutboxTables(connection)
    for state in get_args(State):
        for entry in tables.in_state(state, limits.OUTBOX_WRITES_MAX):
            name, outcome = f"write {entry.write.write_id}", entry.receipt.outcome
            if entry.receipt.write_id != entry.write.write_id:
                yield f"{name}: it is kept with the receipt of another"
            if outcome != _OUTCOMES.get(state, outcome):
                yield f"{name}: it is {state}, and its receipt says {outcome}"


def _overlays(connection: apsw.Connection) -> Iterator[str]:
    """Compare what reads show with what the open writes make of each row."""
    outbox, rows = OutboxTables(connection), ReplicaTables(connection)
    expected = {}
    for client_id in outbox.open_clients():
        entries: list[Entry] = outbox.open_of(client_id)
        row = rows.client(client_id)
        if has_base(row, entries):
            expected[client_id] = applied(row, entries)
    shown = {id_text(key): (tag, value) for key, tag, value in connection.execute(OVERLAYS)}
    for client_id in sorted(expected.keys() | shown.keys()):
        if expected.get(client_id) != shown.get(client_id):
            yield f"client {client_id}: it is not shown as its row and its open writes make it"


# A replica that differs is put right by its facade; its outbox is worth keeping all the same.
KIND = Kind(APPLICATION, MIGRATIONS, _check, heals=True, details=_details)
