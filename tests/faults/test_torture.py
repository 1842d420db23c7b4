"""The fault battery: seeds must pass, and a run leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from clientela.cli.torture.clocks import clock_library

LONG = os.environ.get("CLIENTELA_LONG") == "1"
COMMAND = [sys.executable, "-m", "clientela.cli", "torture"]


def torture(*options: str, timeout_s: float) -> subprocess.CompletedProcess[str]:
    """Run the command in a width that breaks no line of its report."""
    return subprocess.run(
        [*COMMAND, *options],
        check=False,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        env={**os.environ, "COLUMNS": "200"},
    )


def children_of(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


@pytest.mark.timeout(240)
def test_every_guarantee_holds_under_faults(tmp_path: Path):
    options = ["--seed", "101", "--runs", "3", "--seconds", "12", "--facades", "3"]
    done = torture(*options, "--results", str(tmp_path), timeout_s=230)
    kept = [json.loads(line) for line in (tmp_path / "runs.jsonl").read_text().splitlines()]

    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 of 3 runs passed" in done.stdout
    assert [(run["seed"], run["outcome"]) for run in kept] == [
        (101, "passed"),
        (102, "passed"),
        (103, "passed"),
    ]
    assert all(run["writes"] > 50 and run["faults"] for run in kept)
    assert all(run["faults"]["restore-server"] for run in kept)
    assert any(run["restoration"]["offered"] for run in kept)
    struck = {name for run in kept for name in run["faults"]}
    assert clock_library() is None or struck >= {"clock-server", "clock-facade"}

    again = torture(*options, "--results", str(tmp_path), timeout_s=60)

    assert "0 of 0 runs passed, 3 were passed before" in again.stdout


@pytest.mark.skipif(not LONG, reason="CLIENTELA_LONG=1 runs it: about 20 minutes")
@pytest.mark.parametrize("facades", [5, 10])
@pytest.mark.timeout(1_800)
def test_every_guarantee_holds_under_faults_for_long(tmp_path: Path, facades: int):
    options = ["--seed", "1001", "--runs", "5", "--seconds", "60", "--rate", "30"]
    folder = os.environ.get("CLIENTELA_RESULTS", str(tmp_path))
    done = torture(*options, "--facades", str(facades), "--results", folder, timeout_s=1_700)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_ends_everything_that_was_started(tmp_path: Path, number: signal.Signals):
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    options = ["--seconds", "60", "--facades", "2"]
    with subprocess.Popen(
        [*COMMAND, *options], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        deadline = time.monotonic() + 60
        while len(started := children_of(process)) < 3:
            assert time.monotonic() < deadline, "server and facades never came"
            time.sleep(0.1)
        time.sleep(3)
        process.send_signal(number)
        output, _ = process.communicate(timeout=40)

    assert process.returncode == 130, output
    assert b"Traceback" not in output
    assert [child for child in started if child.is_running()] == []
    assert list(tmp_path.iterdir()) == []


def test_the_faults_are_listed():
    done = torture("--faults", "list", timeout_s=60)

    assert "partition-in" in done.stdout
    assert "restore-server" in done.stdout


def test_an_unknown_fault_is_told_in_one_line():
    done = torture("--faults", "earthquake", timeout_s=60)

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "earthquake" in done.stderr
