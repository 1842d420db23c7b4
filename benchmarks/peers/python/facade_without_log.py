"""``clientela facade`` with the latency log off, to measure what the log costs.

The product has no such switch: an operator who can't see latencies is what the log is against.
"""

from clientela.cli.main import app
from clientela.log_facade.recorder import Recorder
from clientela.log_facade.wiring import LatencyLogs

LatencyLogs.wrap = lambda _logs, host: host  # type: ignore[assignment,method-assign,return-value]
Recorder.append = lambda _recorder, _record: None  # type: ignore[method-assign,assignment]
app()
