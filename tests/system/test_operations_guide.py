"""What docs/operations.md and packaging/ name exists and works: commands, options, paths, units."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import httpx
import pytest
import typer
import yaml
from typer.testing import CliRunner

from clientela.cli.main import app

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "operations.md"
DOCKER = ROOT / "packaging" / "docker"
UNITS = sorted((ROOT / "packaging" / "systemd").glob("*.service"))
PROGRAM = "/opt/clientela/bin/clientela"
EXPOSURE_MAX = 20  # tenths; systemd calls up to 40 "OK"

systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


def blocks(kind):
    return re.findall(rf"```{kind}\n(.*?)```", GUIDE.read_text(), re.DOTALL)


COMMANDS = [
    line for block in blocks("sh") for line in block.splitlines() if line.startswith("clientela ")
]


def understood(arguments):
    """Read a command line as the program does, without running it."""
    group = typer.main.get_command(app)
    with click.Context(group) as above:
        command = group.get_command(above, arguments[0])
        assert command is not None, arguments
        command.make_context(arguments[0], list(arguments[1:]))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_guide_is_understood(command):
    understood(shlex.split(command, comments=True)[1:])


def test_the_commands_about_files_do_what_the_guide_says(programs, monkeypatch):
    data = programs.folder / "data"
    server = programs.server()
    server.arguments[2] = f"sqlite:///{data / 'server' / 'register.db'}"
    facade = programs.facade(server.start().url)
    facade.arguments[4] = str(data / "matriz")
    facade.start()
    httpx.post(f"{facade.url}/client", json={"name": "Ana"}, timeout=20).raise_for_status()

    monkeypatch.chdir(programs.folder)
    about_files = [line for line in COMMANDS if not line.startswith("clientela server")]
    for command in about_files:
        if " restore " in command:  # the programs are stopped, and what they had is gone
            for program in (server, facade):
                program.stop()
            shutil.rmtree(data / ("server" if "--db" in command else "matriz"))
        arguments = shlex.split(command, comments=True)[1:]
        ran = CliRunner().invoke(app, arguments)
        assert ran.exit_code == 0, (command, ran.output)

    assert {line.split()[1] for line in about_files} == {"backup", "check", "restore"}
    assert [c["name"] for c in httpx.get(f"{server.start().url}/clients").json()] == ["Ana"]


@systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_finds_nothing_wrong_in_a_unit(unit, tmp_path):
    installed = tmp_path / unit.name.replace("@", "@matriz")
    program = Path(sys.executable).with_name("clientela")
    installed.write_text(unit.read_text().replace(PROGRAM, str(program)))

    for arguments in (
        ["verify", "--man=no"],
        ["security", "--offline=true", f"--threshold={EXPOSURE_MAX}"],
    ):
        ran = subprocess.run(
            ["systemd-analyze", *arguments, str(installed)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert ran.stderr == ""


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_a_command_that_is_understood(unit):
    (line,) = re.findall(r"^ExecStart=(.*)$", unit.read_text(), re.MULTILINE)
    program, *arguments = shlex.split(line.replace("%i", "matriz"))
    required = ["--db", "sqlite:///logs.db"] if arguments == ["logs"] else []  # a variable there

    assert program == PROGRAM
    understood([*arguments, *required])


def dockerfile():
    text = (DOCKER / "Dockerfile").read_text().replace("\\\n", "")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return [line.split(maxsplit=1) for line in lines]


def test_the_image_is_made_of_paths_that_are_there_and_is_not_run_as_root():
    ignored = (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
    for instruction, rest in dockerfile():
        if instruction == "COPY" and "--from" not in rest:
            for path in rest.split()[:-1]:
                assert (ROOT / path).exists(), path
                assert f"!{path}" in ignored, path
    user = [rest for instruction, rest in dockerfile() if instruction == "USER"]
    stages = [rest for instruction, rest in dockerfile() if instruction == "FROM"]

    assert user == ["clientela"]
    assert dockerfile().index(["USER", user[0]]) > dockerfile().index(["FROM", stages[-1]])


def test_the_image_and_its_services_run_commands_that_are_understood():
    (command,) = [rest for instruction, rest in dockerfile() if instruction == "CMD"]
    understood(yaml.safe_load(command))
    services = yaml.safe_load((DOCKER / "compose.yaml").read_text())["services"]
    for service in services.values():
        arguments = [str(part) for part in service["command"]]
        understood(arguments)
        assert (DOCKER / service["build"]["context"]).resolve() == ROOT
        assert (ROOT / service["build"]["dockerfile"]).exists()
        assert service["read_only"]


def test_the_health_check_of_the_image_tells_whether_a_server_lives(programs):
    (check,) = [rest for instruction, rest in dockerfile() if instruction == "HEALTHCHECK"]
    code = yaml.safe_load(check.partition("CMD ")[2])[2]
    server = programs.server().start()
    port = server.url.rpartition(":")[2]

    def healthy():
        here = code.replace(":8000/", f":{port}/")
        ran = subprocess.run([sys.executable, "-c", here], capture_output=True, check=False)
        return ran.returncode == 0

    assert healthy()
    server.stop()
    assert not healthy()
