"""The commands in docs/latency.md do what they say."""

import re
import shlex
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/latency.md"


def test_every_command_of_the_page_succeeds(programs, free_ports_of):
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines() if line]
    port = free_ports_of(4)
    data = programs.folder / "data"
    system = programs.program("up", ["up", "--data", str(data), "--port", str(port)], port)
    system.start()
    for offset in range(1, 4):
        programs.wait_for(f"http://127.0.0.1:{port + offset}/readyz")

    said = []
    for command in commands:
        local = re.sub(r"127\.0\.0\.1:800(\d)", lambda m: f"127.0.0.1:{port + int(m[1])}", command)
        ran = subprocess.run(
            [*shlex.split(local), "--silent", "--show-error", "--fail"],
            capture_output=True,
            check=False,
        )
        assert ran.returncode == 0, (command, ran.stderr)
        said.append(ran.stdout.decode().lower())

    told, summary, plain, native = said
    assert "server-timing: total;dur=" in told
    assert '"p99"' in summary
    assert "clientela_request_duration_seconds_bucket{" in plain
    assert "schema:3" in native


def test_every_link_of_the_page_leads_somewhere():
    links = re.findall(r"\]\(([^)#:]+)\)", PAGE.read_text())

    assert [link for link in links if not (PAGE.parent / link).exists()] == []
    for page in ("README.md", "README.pt-BR.md", "ARCHITECTURE.md"):
        assert "docs/latency.md" in (ROOT / page).read_text()


def test_the_table_of_coordinated_omission_is_right():
    waiting = sorted([1] * 9_000 + [1_000])
    steady = sorted([1] * 9_000 + list(range(1, 1_001)))

    def percentiles(found):
        return [found[round(len(found) * part) - 1] for part in (0.95, 0.99, 0.999)]

    assert percentiles(waiting) == [1, 1, 1]
    assert percentiles(steady) == [500, 900, 990]
