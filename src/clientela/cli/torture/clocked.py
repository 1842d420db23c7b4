"""``python -m clientela.cli.torture.clocked``: ``clientela``, by a clock that libfaketime fakes.

Python sleeps until a moment of the monotonic clock. libfaketime 0.9.10, which distributions have,
makes nonsense of that moment when only the wall clock is to be faked, and the sleep fails
(https://github.com/wolfcw/libfaketime/issues/426): here, it lasts for a time instead.
"""

import runpy
import select
import time
from typing import SupportsIndex


def _sleep(seconds: float | SupportsIndex) -> None:
    select.select((), (), (), float(seconds))


time.sleep = _sleep
runpy.run_module("clientela.cli", run_name="__main__", alter_sys=True)
