"""The log facade as a service of its own, over the logs of this machine's services."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from clientela.log_facade.queries import LogReader
from clientela.log_facade.routes import log_router
from clientela.log_facade.shapes import SHAPES
from clientela.log_facade.tail import LogTail
from clientela.log_facade.tail_routes import tail_router
from clientela.web.app import Lifespan, create_app
from clientela.web.guards import Rules


class LogFacade:
    """Ready to be served: ``app`` and ``stop_live_answers``."""

    def __init__(self, databases: Sequence[Path], *, hosts: Collection[str] = ()) -> None:
        """Look at the databases; one that doesn't exist yet counts as empty until it appears.

        ``hosts`` are names allowed beyond loopback. Raises StartupError when a file can't be read.
        """
        self._reader = LogReader(databases)
        self._tail = LogTail(databases)
        try:
            self._reader.check()
        except BaseException:
            self.close()
            raise
        self.app = create_service(self._reader, self._tail, hosts=hosts, lifespan=self._lifespan)

    def stop_live_answers(self) -> None:
        """End what waits for new entries, so that the process can stop."""
        self._tail.stop()

    def close(self) -> None:
        """Close the databases; the end of serving does so by itself."""
        self._reader.close()
        self._tail.close()

    @asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        try:
            yield
        finally:
            self.close()


def create_service(
    reader: LogReader,
    tail: LogTail,
    *,
    hosts: Collection[str] = (),
    lifespan: Lifespan | None = None,
) -> FastAPI:
    """Make the service over what somebody else opens and closes."""
    app = create_app(
        title="Clientela log facade",
        summary="Every request through this machine's services: lists, counts and latencies.",
        shapes=SHAPES,
        check_ready=reader.check_ready,
        lifespan=lifespan,
        rules=Rules(hosts),
    )
    app.include_router(tail_router(tail))
    app.include_router(log_router(reader))
    return app
