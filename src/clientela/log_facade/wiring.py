"""The log facade inside a host, in a few lines.

::

    logs = LatencyLogs(data / "logs.db", facade="matriz")
    app.include_router(logs.router)
    logs.start()
    serve(logs.wrap(app))
    logs.close()
"""

from collections.abc import Collection

from fastapi import APIRouter
from starlette.types import ASGIApp

from clientela.log_facade.exports import Exports
from clientela.log_facade.hot import HotAppend
from clientela.log_facade.logs import LogDb, writing
from clientela.log_facade.middleware import LatencyMiddleware, NameRoute
from clientela.log_facade.recorder import Context, Recorder, no_context
from clientela.log_facade.routes import log_router
from clientela.log_facade.tail import LogTail
from clientela.log_facade.tail_routes import tail_router
from clientela.log_facade.totals import Totals
from clientela.log_facade.traces import Elsewhere, TraceReader, nowhere


class LatencyLogs:
    """Records a host's requests in a Log DB, and answers questions about them.

    ``context`` gives the replica's lag (ms) and the outbox's depth, ``route`` names routes that the
    host's router doesn't, ``exclude`` holds paths that aren't recorded; ``elsewhere`` gives what a
    trace left in the log of another service.
    """

    def __init__(
        self,
        database: LogDb,
        *,
        facade: str,
        context: Context | None = None,
        route: NameRoute | None = None,
        exclude: Collection[str] = (),
        elsewhere: Elsewhere = nowhere,
    ) -> None:
        self.facade = facade
        log = writing(database)
        totals = Totals()
        self.recorder = Recorder(
            log.open, is_gone=log.is_gone, listeners=[totals], context=context or no_context
        )
        self.exports = Exports(facade, self.recorder, totals, damaged=lambda: self.reader.damaged)
        self.reader = TraceReader(
            [database],
            elsewhere=elsewhere,
            dropped_unwritten=lambda: self.recorder.dropped_unwritten,
        )
        self.tail = LogTail([database])
        self._context = context
        self._route = route
        self._exclude = exclude

    @property
    def router(self) -> APIRouter:
        """Give the routes under ``/logs``; their OpenAPI needs ``shapes.SHAPES``."""
        router = APIRouter()
        router.include_router(tail_router(self.tail))
        router.include_router(log_router(self.reader))
        return router

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

    def hot(self, method: str, route: str, status: int) -> HotAppend:
        """Give a function that records a hot route's requests beside the middleware, for less."""
        return self.recorder.hot((self.facade, method, route), status)

    def start(self, *, whatever: bool = False) -> None:
        """Open the Log DB, begin to write and to export; ``whatever`` is wrong with it.

        Raises StartupError when it is another program's, or can't be used.
        """
        self.recorder.start(whatever=whatever)
        self.exports.start()

    def stop_live_answers(self) -> None:
        """End what waits for new entries."""
        self.tail.stop()

    def close(self) -> None:
        """Write what waits, close everything; may be called twice."""
        self.reader.close()
        self.tail.close()
        self.recorder.close()  # after the readers: who closes last, and may write, ends the journal
        self.exports.close()  # after the recorder, which has told it of the last requests
