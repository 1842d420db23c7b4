"""Bugs put in on purpose: a simulation that does not find them finds nothing."""

from unittest.mock import patch

import msgspec

from clientela.client_facade.clients import FacadeClients
from clientela.client_facade.outbox import Outbox
from clientela.client_facade.outbox_tables import OutboxTables
from clientela.client_facade.replica import Replica
from clientela.client_facade.writer import ReplicaWriter
from clientela.clients.decide import Living, decide
from clientela.server import ledger
from clientela.server.ledger import Ledger
from clientela.storage.database import transaction
from clientela.storage.register import Row


def skip_was():
    """The server does not look at what the writer had seen."""

    def careless(current, write, holder_of):
        if isinstance(current, Living):
            write = msgspec.structs.replace(write, was=dict(current.fields))
        return decide(current, write, holder_of)

    return patch.object(ledger, "decide", careless)


def drop_a_change():
    """A facade passes by every twentieth change."""
    real, count = ReplicaWriter._apply, iter(range(1, 1 << 40))

    def forgetful(self, change, position, tally):
        if next(count) % 20:
            real(self, change, position, tally)

    return patch.object(ReplicaWriter, "_apply", forgetful)


def apply_twice():
    """The server applies an accepted write again when it is sent again."""
    real = Ledger.settle

    def doing_it_again(self, submission):
        write = submission.parsed.write
        again = self._tables.receipt(write.write_id)
        receipt = real(self, submission)
        if again and receipt.outcome == "accepted" and write.operation == "update":
            row = self._tables.client(write.client_id)
            if isinstance(row, Row):
                fields = {**msgspec.json.decode(row.value), **write.set}
                self._apply(submission, fields)
        return receipt

    return patch.object(Ledger, "settle", doing_it_again)


def answer_anew():
    """The server decides a write that is sent again as if it were a new one."""

    def forgetful(self, submission):
        receipt = self._decided(submission)
        if self._tables.receipt(receipt.write_id) is None:
            self._tables.add_receipt(submission.parsed.write, receipt)
        return receipt

    return patch.object(Ledger, "settle", forgetful)


def overtake():
    """New writes go to the server though others wait."""
    real = FacadeClients.submit

    async def pushing(self, writes, headers):
        waiting, self._replica.pending = self._replica.pending, 0
        try:
            return await real(self, writes, headers)
        finally:
            self._replica.pending = self._replica.pending or waiting

    return patch.object(FacadeClients, "submit", pushing)


def send_backwards():
    """The outbox is sent with the newest write first."""
    real = OutboxTables.in_state

    def backwards(self, state, limit):
        return real(self, state, 1 << 30)[::-1][:limit]

    return patch.object(OutboxTables, "in_state", backwards)


def forget_the_overlay():
    """What waits is not shown."""
    return patch.object(Outbox, "show", lambda _self, _client_id: None)


def keep_without_sync():
    """What is answered 202 is not yet on disk."""

    def carelessly(self, work):
        return transaction(self._connection, work)

    return patch.object(Replica, "_durably", carelessly)


BUGS = (
    skip_was,
    drop_a_change,
    apply_twice,
    answer_anew,
    overtake,
    send_backwards,
    forget_the_overlay,
    keep_without_sync,
)
