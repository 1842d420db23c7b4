"""Schemathesis over the OpenAPI of every service, with all its checks: 0 failures.

Real processes; each phase (examples, coverage, fuzzing, stateful) has its part. The live routes are
left out, for a follower's answer does not end: tests/contracts/test_feed_live.py has them.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

LONG = os.environ.get("CLIENTELA_LONG") == "1"
EXAMPLES = "300" if LONG else "3"
CONFIG = Path(__file__).parent / "schemathesis.toml"
NEVER_ENDS = "/(changes|tail)$"
AT_THE_LOG_FACADE = "^/logs"  # the same routes: the long form has them everywhere

pytestmark = pytest.mark.timeout(3_600 if LONG else 120)


@pytest.fixture(scope="module")
def urls(shared_programs, free_ports_of):
    server = shared_programs.server().start()
    facade = shared_programs.facade(server.url).start()
    port = free_ports_of(1)
    database = f"sqlite:///{shared_programs.folder / 'matriz' / 'logs.db'}"
    logs = shared_programs.program("logs", ["logs", "--db", database, "--port", str(port)], port)
    return {"server": server.url, "facade": facade.url, "logs": logs.start().url}


@pytest.mark.parametrize("service", ["server", "facade", "logs"])
def test_every_check_holds(urls, service, tmp_path):
    without = [NEVER_ENDS] if LONG or service == "logs" else [NEVER_ENDS, AT_THE_LOG_FACADE]
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(CONFIG)),
        *("run", f"{urls[service]}/openapi.json", "--no-color"),
        *("--max-examples", EXAMPLES, "--continue-on-failure", "--generation-database", "none"),
        *("--exclude-path-regex", "|".join(without)),
    ]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "SCHEMATHESIS_HOOKS": str(CONFIG.with_name("hooks.py"))},
    )

    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-2_000:]
    assert "No issues found" in done.stdout or " passed" in done.stdout
