"""A process can be given a clock that jumps: its wall clock alone, also after it was killed."""

import asyncio
import sys
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from clientela.cli.torture.clocks import Clock, clock_library
from clientela.cli.torture.processes import Program, free_ports

DAY_S = 86_400
KNOWN: set[str] = set()  # the ids of our children so far

pytestmark = pytest.mark.skipif(clock_library() is None, reason="libfaketime is not installed")


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    library = clock_library()
    assert library is not None
    return Clock(tmp_path / "clock", library)


def shared_memory() -> list[Path]:
    """Give what libfaketime keeps for our children, dead or alive."""
    pids = {str(child.pid) for child in psutil.Process().children()} | KNOWN
    KNOWN.update(pids)
    found = Path("/dev/shm").glob("*faketime*")  # noqa: S108 - where it puts it
    return [path for path in found if path.name.rpartition("_")[2] in pids]


async def ahead_s(url: str) -> float:
    """Ask a service for its time: by how much it is ahead of ours."""

    def ask() -> str:
        with urlopen(f"{url}/readyz", timeout=5) as response:  # noqa: S310 - our own address
            return str(response.headers["Date"])

    told = parsedate_to_datetime(await asyncio.to_thread(ask))
    return (told - datetime.now(UTC)).total_seconds()


async def goes_by(url: str, expected_s: float) -> bool:
    """Wait until a service's clock is wrong by so much."""
    for _ in range(100):
        if abs(await ahead_s(url) - expected_s) < 60:
            return True
        await asyncio.sleep(0.1)
    return False


async def test_a_server_goes_by_its_own_clock_and_keeps_it_when_it_is_killed(
    tmp_path: Path, clock: Clock
):
    database = f"sqlite:///{tmp_path / 'register.db'}"
    program = Program("server", ["server", "--db", database], *free_ports(1), tmp_path / "log")
    program.clock = clock
    program.start()
    try:
        await program.wait_ready()
        assert await goes_by(program.url, 0)

        clock.jump(3 * DAY_S)
        assert await goes_by(program.url, 3 * DAY_S)

        clock.jump(-DAY_S)
        assert await goes_by(program.url, -DAY_S)

        program.kill()
        program.start()
        await program.wait_ready()
        assert await goes_by(program.url, -DAY_S)

        clock.put_right()
        assert await goes_by(program.url, 0)
    finally:
        program.kill()

    assert program.tracebacks() == 0


async def test_what_a_killed_process_had_is_cleared_up(tmp_path: Path, clock: Clock):
    database = f"sqlite:///{tmp_path / 'register.db'}"
    program = Program("server", ["server", "--db", database], *free_ports(1), tmp_path / "log")
    program.clock = clock
    program.start()
    await program.wait_ready()
    there = shared_memory()

    program.kill()

    assert there
    assert shared_memory() == []


SLEEP = """
import runpy, sys, time
from clientela.cli.torture import clocks
runpy.run_module = lambda *args, **options: None
import clientela.cli.torture.clocked
began = time.monotonic(), time.time()
time.sleep(0.2)
clocks.Clock(clocks.Path(sys.argv[1]), clocks.Path("unused")).jump(-86400)
for _ in range(20):
    time.sleep(0.2)
    if time.time() < began[1]:
        break
print(time.monotonic() - began[0], time.time() - began[1])
"""


async def test_the_monotonic_clock_stays_and_a_sleep_lasts_as_long_as_it_should(
    tmp_path: Path, clock: Clock
):
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SLEEP,
        str(tmp_path / "clock"),
        env=clock.environment,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    monotonic_s, wall_s = map(float, output.split())

    assert 0.4 <= monotonic_s < 20
    assert wall_s < -DAY_S + 20
