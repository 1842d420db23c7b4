"""The latency log: measures any ASGI application, keeps entries, answers questions about them.

A library first, and a service of its own (``app``)::

    from clientela.log_facade import LatencyLog, timing

    app = LatencyLog(app, "logs.db", facade="shop")
"""

from clientela.log_facade.embedded import LatencyLog
from clientela.log_facade.parts import timing, traceparent

__all__ = ["LatencyLog", "timing", "traceparent"]
