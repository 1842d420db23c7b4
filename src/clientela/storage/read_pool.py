"""Reads of a PostgreSQL database in a few threads, so that no event loop waits for the network."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from clientela import limits
from clientela.storage.engine import Connection
from clientela.storage.postgres import READS, DatabaseAwayError, Line
from clientela.storage.urls import PostgresUrl

_Tables = TypeVar("_Tables")
_Result = TypeVar("_Result")


class ReadPool(Generic[_Tables]):
    """Threads with a connection each; ``make`` gives the queries on a connection."""

    def __init__(self, url: PostgresUrl, make: Callable[[Connection], _Tables]) -> None:
        self._url = url
        self._make = make
        self._threads = ThreadPoolExecutor(limits.POSTGRES_READERS_MAX, "postgres-reader")
        self._mine = threading.local()
        self._lines: list[Line] = []

    async def read(self, query: Callable[[_Tables], _Result]) -> _Result:
        """Give what a query finds; raises ClientelaError ``database-away``."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._read, query)

    def _read(self, query: Callable[[_Tables], _Result]) -> _Result:
        line = self._line()
        if line.is_open:
            try:
                return query(self._make(line.open()))
            except DatabaseAwayError:
                line.drop()  # the database was started anew: this may be known only now
        try:
            return query(self._make(line.open()))
        except DatabaseAwayError:
            line.drop()
            raise

    def _line(self) -> Line:
        line: Line | None = getattr(self._mine, "line", None)
        if line is None:
            line = self._mine.line = Line(self._url, READS)
            self._lines.append(line)
        return line

    def close(self) -> None:
        """Close the connections, after the last read has ended."""
        self._threads.shutdown()
        for line in self._lines:
            line.drop()
