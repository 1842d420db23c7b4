"""Which writes the server may have decided without this facade knowing: those it can't refuse.

A write is sent before anything of it is stored here. When the process dies meanwhile, or the writer
asks a second time while the first answer is awaited, what this facade shows says nothing of what
the server knows: the write may have been accepted, or may still be on its way. And a write that was
accepted long ago may be asked for again when nothing here tells of it: it changed nothing, or its
change is no longer kept.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from clientela import limits
from clientela.clients.writes import ParsedWrite


class Doubts:
    """Belongs to the event loop's thread. ``clock`` gives seconds that only grow.

    ``restarted``: an earlier process may have sent what is asked for again now. ``in_step`` tells
    whether the replica has been in step since: then it holds what that process had accepted.
    """

    def __init__(
        self, *, restarted: bool, in_step: Callable[[], bool], clock: Callable[[], float]
    ) -> None:
        self._restarted = restarted
        self._in_step = in_step
        self._clock = clock
        self._late_until = clock() + limits.LATE_REQUEST_S
        self._on_their_way: Counter[str] = Counter()
        self._sent: OrderedDict[str, None] = OrderedDict()  # lately, the last one last

    def about(self, writes: Sequence[ParsedWrite]) -> bool:
        """Tell whether the server may have decided any of these, or may yet do so."""
        if self._restarted:
            self._restarted = self._clock() < self._late_until or not self._in_step()
        keys = (parsed.write.write_id for parsed in writes)
        return self._restarted or any(
            key in self._on_their_way or key in self._sent for key in keys
        )

    @contextmanager
    def sending(self, writes: Sequence[ParsedWrite]) -> Iterator[None]:
        """Keep in mind that these are on their way, and for a good while that they were."""
        keys = [parsed.write.write_id for parsed in writes]
        self._on_their_way.update(keys)
        try:
            yield
        finally:
            for key in keys:  # one by one: the others on their way may be many
                self._on_their_way[key] -= 1
                if not self._on_their_way[key]:
                    del self._on_their_way[key]
            self._sent |= dict.fromkeys(keys)
            while len(self._sent) > limits.SENT_WRITES_REMEMBERED_ITEMS:
                self._sent.popitem(last=False)
