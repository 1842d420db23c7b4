"""The parsers under atheris: a few seconds each, ten minutes in the long form.

What libFuzzer finds is written to the test's folder; put it into ``corpus`` with its repair.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
LONG = os.environ.get("CLIENTELA_LONG") == "1"
SECONDS = 600 if LONG else 3
TARGETS = sorted(folder.name for folder in (HERE / "corpus").iterdir())

pytestmark = [
    pytest.mark.timeout(SECONDS + 100),
    pytest.mark.skipif(
        importlib.util.find_spec("atheris") is None, reason="atheris can't be installed here"
    ),
]


@pytest.mark.parametrize("target", TARGETS)
def test_whatever_bytes_come_are_read_or_refused(target, tmp_path):
    found = tmp_path / "corpus"
    shutil.copytree(HERE / "corpus" / target, found)
    options = [f"-max_total_time={SECONDS}", "-max_len=4096", "-timeout=10", "-seed=8"]

    done = subprocess.run(
        [sys.executable, str(HERE / "fuzz.py"), target, *options, str(found)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-5_000:]
    assert "DONE" in done.stderr
