"""When a request arrived: a stamp from before its handler had a turn.

uvicorn reads a request in one turn of the event loop and starts its handler in the next. What
others compute in between is time that a caller waits, and no handler can measure. What lies in the
kernel while the loop is held can't be stamped: see ``clientela.log_facade.loop_lag``.
"""

import time
from typing import Any

from starlette.types import Scope

from clientela.feed import connection
from clientela.web.bounded import BoundedProtocol

EXTENSION = "clientela.received"


class ArrivalProtocol(BoundedProtocol):
    """uvicorn's HTTP/1.1 that stamps each request, as an ASGI extension in its scope.

    The stamp is of the bytes that ended the request's header: a client that sends it in parts makes
    nobody wait but itself. Requests that arrive together (pipelining) have the same stamp; the
    later ones wait for the answers before theirs.
    """

    _received_ns = 0

    def data_received(self, data: bytes) -> None:
        """Take bytes from the connection."""
        self._received_ns = time.perf_counter_ns()
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """Start the request's handler, or let it wait for those before."""
        scope: Any = self.scope
        extensions = scope.setdefault("extensions", {})
        extensions[EXTENSION] = {"ns": self._received_ns}
        extensions[connection.EXTENSION] = {"transport": self.transport}
        super().on_headers_complete()


def received_ns(scope: Scope) -> int | None:
    """Give when a request arrived, by ``time.perf_counter_ns``; None when nothing stamped it."""
    extensions = scope.get("extensions")
    if not extensions or EXTENSION not in extensions:
        return None
    found: int = extensions[EXTENSION]["ns"]
    return found
