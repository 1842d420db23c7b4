"""Which rows were changed lately: what was read before is brought up to date by these alone."""

from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice

from clientela import limits

LookUp = Callable[[Iterable[str]], tuple[dict[bytes, bytes | None], bytes | None]]
"""Gives rows by their ids, None for those that don't live, and the digest of all at that moment."""


class RecentChanges:
    """Which rows were changed lately; whoever changes the database notes it, in the loop's thread.

    ``count`` tells one moment from another.
    """

    def __init__(self, look_up: LookUp) -> None:
        self.look_up = look_up
        self.count = 0
        self._ids: deque[str] = deque(maxlen=limits.LIST_PAGE_CHANGES_MAX)

    def note(self, ids: Iterable[str] | None = None) -> None:
        """Note that rows were changed: those of these ids, or any."""
        if ids is None:
            self._ids.clear()
            self.count += 1
            return
        for client_id in ids:
            self._ids.append(client_id)
            self.count += 1

    def since(self, count: int) -> set[str] | None:
        """Give what was changed since a moment; None when that is not known any more."""
        missed = self.count - count
        return None if missed > len(self._ids) else set(islice(reversed(self._ids), missed))
