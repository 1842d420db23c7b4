"""One Log DB that threads read, each on a connection of its own: what both engines share."""

import logging
import threading
from typing import Generic, Protocol, TypeVar

_log = logging.getLogger(__name__)


class Interruptible(Protocol):
    """A connection that another thread may end."""

    def interrupt(self) -> None:
        """End what it reads now."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


_Connection = TypeVar("_Connection", bound=Interruptible)


class OneLog(Generic[_Connection]):
    """The connections of all threads, and the damage that they met."""

    def __init__(self, name: object) -> None:
        """``name`` tells people which log it is."""
        self._name = name
        self._mine = threading.local()
        self._all: list[_Connection] = []
        self._lock = threading.Lock()
        self._damaged: dict[int, int] = {}

    @property
    def damaged(self) -> int:
        """Say how many entries were met so far that can't be read."""
        return sum(self._damaged.copy().values())

    def _tell_damage(self, first_seq: int, count: int, error: Exception) -> None:
        if first_seq not in self._damaged:
            _log.error("%s: a block of %d entries is damaged: %s", self._name, count, error)
        self._damaged[first_seq] = count

    def _keep(self, connection: _Connection) -> None:
        with self._lock:
            self._all.append(connection)

    def _drop(self, connection: _Connection) -> None:
        with self._lock:
            self._all.remove(connection)
        connection.close()

    def interrupt(self) -> None:
        """End what threads are reading now; they get ClientelaError ``not-ready``."""
        with self._lock:
            for connection in self._all:
                connection.interrupt()

    def close(self) -> None:
        """Close every connection; call it when no thread reads any more."""
        with self._lock:
            for connection in self._all:
                connection.close()
            self._all.clear()
