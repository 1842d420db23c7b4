"""The commands in the READMEs do what they say."""

import re
import shlex
import subprocess
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
READMES = ["README.md", "README.pt-BR.md"]


def _commands(name: str) -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / name).read_text(), re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line]


def _routes(name: str) -> list[tuple[str, str]]:
    rows = re.findall(
        r"^\| [^|]+ \| `([^`]+)` \| (GET|POST) ", (ROOT / name).read_text(), re.MULTILINE
    )
    return [(route, method) for route, method in rows]


@pytest.mark.parametrize("name", READMES)
def test_every_command_of_a_readme_succeeds(name, programs, free_ports_of):
    port = free_ports_of(4)
    data = programs.folder / "data"
    system = programs.program("up", ["up", "--data", str(data), "--port", str(port)], port)
    system.start()
    for offset in range(1, 4):
        programs.wait_for(f"http://127.0.0.1:{port + offset}/readyz")

    for command in _commands(name):
        local = re.sub(r"127\.0\.0\.1:800(\d)", lambda m: f"127.0.0.1:{port + int(m[1])}", command)
        ran = subprocess.run(
            [*shlex.split(local), "--silent", "--show-error"], capture_output=True, check=False
        )

        assert ran.returncode == 0, (command, ran.stderr)
    names = {client["name"] for client in httpx.get(f"http://127.0.0.1:{port}/clients").json()}
    assert names == {"Ana Souza"}


@pytest.mark.parametrize("name", READMES)
def test_each_row_of_the_route_table_has_its_command(name):
    commands = _commands(name)

    for (route, method), command in zip(_routes(name), commands, strict=False):
        assert route in command
        assert (" -d " in command) == (method == "POST")
    assert len(_routes(name)) == 6


def test_both_readmes_show_the_same_commands():
    english, portuguese = map(_commands, READMES)

    def plain(command: str) -> str:
        return re.sub(r'"notes": "[^"]*"', "", command)

    assert list(map(plain, english)) == list(map(plain, portuguese))


@pytest.mark.parametrize("name", [*READMES, "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/api.md"])
def test_every_link_to_a_file_leads_somewhere(name):
    page = ROOT / name
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []
