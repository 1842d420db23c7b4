"""wrk, the load generator for reads, with a second reader beside it that checks every answer."""

import re
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from load.http import Connection

SCRIPT = Path(__file__).parent / "targets.lua"
CHECK_INTERVAL_S = 0.02  # 50 answers a second are looked at byte by byte
_DONE = re.compile(r"(\d+) requests in ([\d.]+)(m?s|m), ([\d.]+)([KMGT]?)B read")
_RATE = re.compile(r"Requests/sec: +([\d.]+)")
_FAILED = re.compile(r"Non-2xx or 3xx responses: (\d+)")
_ERRORS = re.compile(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")


@dataclass(frozen=True)
class Load:
    """What wrk told, and what the checker beside it saw."""

    per_second: float
    requests: int
    failed: int
    checked: int
    wrong: int

    @property
    def right(self) -> bool:
        """Tell whether every answer was one, and every one that was looked at the right one."""
        return self.failed == 0 and self.wrong == 0


def missing() -> bool:
    """Tell whether there is no wrk on this machine."""
    return shutil.which("wrk") is None


def wrk(
    port: int,
    targets: Sequence[str],
    *,
    expected: Mapping[str, bytes],
    seconds: float,
    connections: int,
    folder: Path,
    seed: int,
) -> Load:
    """Ask for the targets, drawn evenly, as fast as they are answered; one thread.

    ``expected`` are bodies of some targets: these are asked for beside the load and compared.
    """
    listed = folder / "targets.txt"
    listed.write_text("\n".join(targets) + "\n")
    how = ["-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "30s"]
    what = ["-s", str(SCRIPT), f"http://127.0.0.1:{port}", "--", str(listed), str(seed)]
    with subprocess.Popen(["wrk", *how, *what], stdout=subprocess.PIPE, text=True) as process:
        checked, wrong = _check(port, expected, process)
        told, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"wrk failed: {told}")
    return read_report(told, checked, wrong)


def _check(
    port: int, expected: Mapping[str, bytes], process: subprocess.Popen[str]
) -> tuple[int, int]:
    checked = wrong = 0
    with Connection(port) as connection:
        for target, body in cycle(expected.items()):
            if process.poll() is not None:
                break
            checked += 1
            wrong += connection.get(target)[:2] != (200, body)
            time.sleep(CHECK_INTERVAL_S)
    return checked, wrong


def read_report(told: str, checked: int, wrong: int) -> Load:
    """Read what wrk prints; raises ValueError when that is not a report."""
    done, rate = _DONE.search(told), _RATE.search(told)
    if done is None or rate is None or done[1] == "0":
        raise ValueError(f"no report of any request by wrk: {told}")
    failed = _FAILED.search(told)
    errors = _ERRORS.search(told)
    return Load(
        per_second=float(rate[1]),
        requests=int(done[1]),
        failed=int(failed[1] if failed else 0) + sum(map(int, errors.groups() if errors else ())),
        checked=checked,
        wrong=wrong,
    )
