"""``clientela facade`` with the latency log off, to measure what the log costs.

The product has no such switch: an operator who can't see latencies is what the log is against.
"""

from typing import Any

from clientela.cli.main import app
from clientela.log_facade.hot import HotAppend
from clientela.log_facade.recorder import Recorder
from clientela.log_facade.wiring import LatencyLogs


def _drop(*_record: Any) -> None:
    pass


def _hot(_logs: LatencyLogs, *_route: Any) -> HotAppend:
    return _drop


LatencyLogs.wrap = lambda _logs, host: host  # type: ignore[assignment,method-assign,return-value]
LatencyLogs.hot = _hot  # type: ignore[method-assign]
Recorder.append = _drop  # type: ignore[method-assign,assignment]
app()
