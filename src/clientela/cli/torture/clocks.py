"""Clocks that jump: libfaketime gives a process a wall clock of its own, where it is installed.

Only the wall clock is faked: the monotonic clock stays the machine's, as when a clock is set. A
jump is seen within a second: to look at the file at every call would cost milliseconds as soon as
two threads ask for the time. https://github.com/wolfcw/libfaketime
"""

import contextlib
import os
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

# Where distributions put it: a folder of the architecture between, or none.
_PLACES = ("lib*/faketime", "lib*/*/faketime", "local/lib*/faketime")
_LIBRARY = "libfaketime.so.1"
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where libfaketime leaves what a killed process had
_PROBE = "import time; print(time.time())"
_PROBE_S = 864_000


class Clock:
    """The wall clock of a process, and of those that take its place; ``file`` holds its error."""

    def __init__(self, file: Path, library: Path) -> None:
        self._file = file
        self._library = library
        self.put_right()

    @property
    def environment(self) -> dict[str, str]:
        """Give what a process needs to go by this clock."""
        return {
            "LD_PRELOAD": str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",  # seconds
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def jump(self, wrong_by_s: float) -> None:
        """Be wrong by so many seconds from now on; nobody ever reads half a file."""
        beside = self._file.with_name(self._file.name + ".new")
        beside.write_text(f"{wrong_by_s:+.3f}\n")
        beside.replace(self._file)

    def put_right(self) -> None:
        """Go right again: another jump."""
        self.jump(0)


@cache
def clock_library() -> Path | None:
    """Find a libfaketime that works here; None where there is none."""
    found = (path for place in _PLACES for path in sorted(Path("/usr").glob(f"{place}/{_LIBRARY}")))
    return next((path for path in found if _works(path)), None)


def _works(library: Path) -> bool:
    """Tell whether a process really goes by it: it may be of another architecture."""
    fake = {"LD_PRELOAD": str(library), "FAKETIME": f"+{_PROBE_S}"}
    command = [sys.executable, "-c", _PROBE]
    done = subprocess.run(  # noqa: S603 - our own words
        command, check=False, capture_output=True, text=True, env={**os.environ, **fake}
    )
    with contextlib.suppress(ValueError):
        return float(done.stdout) - time.time() > _PROBE_S / 2
    return False


def sweep(pid: int) -> None:
    """Remove what libfaketime leaves of a process that was killed."""
    for name in (f"faketime_shm_{pid}", f"sem.faketime_sem_{pid}"):
        (_SHARED_MEMORY / name).unlink(missing_ok=True)
