"""The log facade as a service of its own, over the logs of this machine's services."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager

from fastapi import FastAPI

from clientela.log_facade.logs import LogDb
from clientela.log_facade.queries import LogReader
from clientela.log_facade.routes import log_router
from clientela.log_facade.shapes import SHAPES
from clientela.log_facade.tail import LogTail
from clientela.log_facade.tail_routes import tail_router
from clientela.web.app import Lifespan, create_app
from clientela.web.guards import Rules
from clientela.web.token_file import TokenFile


class LogFacade:
    """Ready to be served: ``app`` and ``stop_live_answers``."""

    def __init__(
        self,
        databases: Sequence[LogDb],
        *,
        hosts: Collection[str] = (),
        tokens: TokenFile | None = None,
    ) -> None:
        """Look at the databases; one that doesn't exist yet counts as empty until it appears.

        ``hosts`` are names allowed beyond loopback; ``tokens`` says who is let in. Raises
        StartupError when one can't be read.
        """
        self._tokens = tokens
        self._reader = LogReader(databases)
        self._tail = LogTail(databases)
        try:
            self._reader.check()
        except BaseException:
            self.close()
            raise
        rules = Rules(hosts, admission=tokens.admission if tokens else None)
        self.app = create_service(self._reader, self._tail, rules=rules, lifespan=self._lifespan)

    def stop_live_answers(self) -> None:
        """End what waits for new entries, so that the process can stop."""
        self._tail.stop()

    def close(self) -> None:
        """Close the databases; the end of serving does so by itself."""
        self._reader.close()
        self._tail.close()
        if self._tokens is not None:
            self._tokens.close()

    @asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        watching = asyncio.create_task(self._tokens.run()) if self._tokens else None
        try:
            yield
        finally:
            if watching is not None:
                watching.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await watching
            self.close()


def create_service(
    reader: LogReader,
    tail: LogTail,
    *,
    rules: Rules,
    lifespan: Lifespan | None = None,
) -> FastAPI:
    """Make the service over what somebody else opens and closes."""
    app = create_app(
        title="Clientela log facade",
        summary="Every request through this machine's services: lists, counts and latencies.",
        shapes=SHAPES,
        check_ready=reader.check_ready,
        lifespan=lifespan,
        rules=rules,
    )
    app.include_router(tail_router(tail))
    app.include_router(log_router(reader))
    return app
