"""The log facade as a service of its own, over the logs of this machine's facades."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from clientela.log_facade.queries import LogReader
from clientela.log_facade.routes import log_router
from clientela.log_facade.shapes import SHAPES
from clientela.web.app import Lifespan
from clientela.web.app import create_app as create_web_app


def create_app(databases: Sequence[Path], *, hosts: Collection[str] = ()) -> FastAPI:
    """Make the service; a database that doesn't exist yet counts as empty until it appears.

    ``hosts`` are names allowed beyond loopback. Raises StartupError when a file can't be read.
    """
    reader = LogReader(databases)
    try:
        reader.check()
    except BaseException:
        reader.close()
        raise

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        try:
            yield
        finally:
            reader.close()

    return create_service(reader, hosts=hosts, lifespan=lifespan)


def create_service(
    reader: LogReader, *, hosts: Collection[str] = (), lifespan: Lifespan | None = None
) -> FastAPI:
    """Make the service over a reader that somebody else opens and closes."""
    app = create_web_app(
        title="Clientela log facade",
        summary="Every request through this machine's services: lists, counts and latencies.",
        shapes=SHAPES,
        check_ready=reader.check_ready,
        lifespan=lifespan,
        hosts=hosts,
    )
    app.include_router(log_router(reader))
    return app
