"""What the command line answers before anything is started."""

import re
import time

import pytest
from typer.testing import CliRunner

from clientela import __version__
from clientela.cli.main import app
from clientela.web.access import Role
from clientela.web.tokens import id_of, mint

COMMANDS = ["server", "facade", "logs", "up", "demo"]
WIDE = {"COLUMNS": "200", "TERMINAL_WIDTH": "200"}


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command in this process: none of these comes as far as to serve."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str):
        return CliRunner().invoke(app, arguments, env=WIDE, prog_name="clientela")

    return command


@pytest.mark.parametrize("command", COMMANDS)
def test_help_tells_each_option_with_its_environment_variable(command, run):
    told = run(command, "--help")

    assert told.exit_code == 0
    options = set(re.findall(r"^│\W+--([a-z-]+)", told.stdout, re.MULTILINE)) - {"help"}
    assert options
    for option in options:
        assert f"CLIENTELA_{command}_{option}".upper().replace("-", "_") in told.stdout


def test_help_names_each_command(run):
    told = run("--help")

    assert told.exit_code == 0
    for command in COMMANDS:
        assert re.search(rf"^│ {command} +\w", told.stdout, re.MULTILINE)


def test_version_is_that_of_the_package(run):
    assert run("--version").stdout == f"clientela {__version__}\n"


TOKEN = mint(Role.FACADE, "matriz", time.time(), 3600)[0]
WRONG = {
    "no scheme": (["facade", "--server", "127.0.0.1:8000"], "is no address"),
    "no host": (["facade", "--server", "http://"], "is no address"),
    "no port": (["facade", "--server", "http://127.0.0.1:port"], "is no address"),
    "a bracket too few": (["facade", "--server", "http://[::1:8000"], "is no address"),
    "another scheme": (["demo", "--url", "ftp://127.0.0.1"], "is no address"),
    "what looks like markup": (["demo", "--url", "[red]x"], "'[red]x' is no address"),
    "a name with a space": (["facade", "--name", "a b"], "'a b' can't name a facade"),
    "a name that is a path": (["facade", "--name", "../filial"], "can't name a facade"),
    "a name too long": (["facade", "--name", "a" * 65], "can't name a facade"),
    "another database": (["server", "--db", "oracle://clients"], "is not understood"),
    "no database": (["logs", "--db", "logs.db"], "is not understood"),
    "a server for all": (["server", "--host", "0.0.0.0"], "clientela token add --role admin"),
    "a facade for all": (["facade", "--host", "0.0.0.0"], "clientela token add --role facade"),
    "a log for all": (["logs", "--host", "0.0.0.0", "--db", "sqlite:///logs.db"], "--tokens"),
    "guarded, without a token": (["server", "--guarded"], "has no token that lives"),
    "no token": (["facade", "--token", "secret"], "This is no token"),
    "no file of a token": (["facade", "--token-file", "nowhere"], "can't be read"),
    "no file of tokens": (
        ["logs", "--tokens", "sqlite:///none.db", "--db", "sqlite:///logs.db"],
        "tells no tokens",
    ),
    "a host that is not here": (
        ["facade", "--host", "192.0.2.1", "--token", TOKEN],
        "can't be had",
    ),
    "a token for a time that is none": (
        ["token", "add", "--role", "reader", "--name", "a", "--expires", "soon"],
        "'soon' is no time",
    ),
    "a token's name with a space": (
        ["token", "add", "--role", "reader", "--name", "a b"],
        "A token's name has",
    ),
    "a token that is not there": (["token", "revoke", "00000000"], "There is no token 00000000"),
    "no facade there": (["demo", "--url", "http://127.0.0.1:1"], "does not answer"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_told_in_one_line(wrong, run):
    arguments, told = WRONG[wrong]

    ended = run(*arguments)

    assert ended.exit_code == 2
    (line,) = ended.stderr.splitlines()
    assert line.startswith("clientela: ")
    assert told in line


@pytest.mark.parametrize("command", ["server", "facade", "up"])
def test_a_folder_that_can_not_be_made_is_told_in_one_line(command, run, tmp_path):
    (tmp_path / "data").write_text("in the way")

    ended = run(command)

    assert ended.exit_code == 2
    (line,) = ended.stderr.splitlines()
    assert "can't be used" in line
    assert "data" in line


@pytest.mark.parametrize(
    "arguments", [["facade", "--port", "0"], ["server", "--port", "65536"], ["serve"], ["logs"]]
)
def test_wrong_usage_is_told_by_what_is_possible(arguments, run):
    ended = run(*arguments)

    assert ended.exit_code == 2
    assert "Usage: clientela" in ended.stderr


def test_a_token_is_shown_once_listed_without_its_text_and_revoked(run):
    made = run("token", "add", "--role", "counter", "--name", "ana.souza", "--expires", "90d")
    text = made.stdout.strip()
    token_id = id_of(text)
    other = run("token", "add", "--role", "admin", "--name", "rui").stdout.strip()
    assert run("token", "revoke", token_id).stdout == f"{token_id} is revoked.\n"

    listed = run("token", "list").stdout

    assert re.search(
        rf"^{token_id} +ana\.souza +counter +[0-9-]+ .* revoked ", listed, re.MULTILINE
    )
    assert re.search(rf"^{id_of(other)} +rui +admin +.* lives *$", listed, re.MULTILINE)
    assert text.rpartition("_")[2] not in listed


def test_nothing_of_a_token_s_text_is_in_the_register(run, tmp_path):
    text = run("token", "add", "--role", "reader", "--name", "ana").stdout.strip()

    files = [file.read_bytes() for file in (tmp_path / "data").iterdir()]

    assert any(id_of(text).encode() in content for content in files)
    assert not any(text.rpartition("_")[2].encode() in content for content in files)
