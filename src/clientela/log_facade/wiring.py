"""The log facade inside a host, in a few lines.

::

    logs = LatencyLogs(data / "logs.db", facade="matriz")
    app.include_router(logs.router)
    logs.start()
    serve(logs.wrap(app))
    logs.close()
"""

from collections.abc import Collection
from pathlib import Path

from fastapi import APIRouter
from starlette.types import ASGIApp

from clientela.log_facade.healing import HealingFile
from clientela.log_facade.middleware import Context, LatencyMiddleware, NameRoute
from clientela.log_facade.recorder import Recorder
from clientela.log_facade.routes import log_router
from clientela.log_facade.traces import Elsewhere, TraceReader, nowhere


class LatencyLogs:
    """Records a host's requests in the Log DB at ``path``, and answers questions about them.

    ``context`` gives the replica's lag (ms) and the outbox's depth, ``route`` names routes that the
    host's router doesn't, ``exclude`` holds paths that aren't recorded; ``elsewhere`` gives what a
    trace left in the log of another service.
    """

    def __init__(
        self,
        path: Path,
        *,
        facade: str,
        context: Context | None = None,
        route: NameRoute | None = None,
        exclude: Collection[str] = (),
        elsewhere: Elsewhere = nowhere,
    ) -> None:
        self.facade = facade
        file = HealingFile(path)
        self.recorder = Recorder(file.open, is_gone=file.is_gone)
        self.reader = TraceReader(
            [path],
            elsewhere=elsewhere,
            dropped_unwritten=lambda: self.recorder.dropped_unwritten,
        )
        self._context = context
        self._route = route
        self._exclude = exclude

    @property
    def router(self) -> APIRouter:
        """Give ``GET /logs`` and ``GET /logs/summary``; their OpenAPI needs ``shapes.SHAPES``."""
        return log_router(self.reader)

    def wrap(self, app: ASGIApp) -> LatencyMiddleware:
        """Measure an application; put it outermost, so that refused requests are seen too."""
        return LatencyMiddleware(
            app,
            self.recorder,
            facade=self.facade,
            context=self._context,
            route=self._route,
            exclude=self._exclude,
        )

    def start(self) -> None:
        """Open the Log DB, begin to write.

        Raises StartupError when the file is another program's, or can't be used.
        """
        self.recorder.start()

    def close(self) -> None:
        """Write what waits, close everything; may be called twice."""
        self.recorder.close()
        self.reader.close()
