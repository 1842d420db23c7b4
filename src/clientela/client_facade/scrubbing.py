"""After an erasure: what was deleted leaves the search index and the journal, too.

Until it has, the file still holds words of who was erased. A process that ends before begins again
at its start.
"""

import asyncio

import apsw

from clientela.client_facade.erasing import Erasing
from clientela.client_facade.index_tables import IndexTables
from clientela.storage.database import empty_journal, transaction


class Scrubbing:
    """The steps, in the replica's writer thread; ``due`` belongs to the event loop's."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._index = IndexTables(connection)
        self._begun = False
        self.due = asyncio.Event()
        if Erasing(connection).last:
            self.due.set()

    def step(self) -> bool:
        """Take a step; False when the journal is still read by someone, so that it is tried again.

        Between two steps other changes have their turn. At the last one ``is_done``.
        """
        merged = transaction(self._connection, lambda: self._index.merge(begin=not self._begun))
        self._begun = merged
        return merged or empty_journal(self._connection)

    @property
    def is_done(self) -> bool:
        """Tell whether the last step was the last of all."""
        return not self._begun
