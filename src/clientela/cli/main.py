"""``clientela``: one command line for every part."""

from importlib import import_module
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from clientela import __version__

_SETTINGS = {"help_option_names": ["-h", "--help"]}
_COMMANDS = {
    "server": "clientela.cli.server",
    "facade": "clientela.cli.facade",
    "logs": "clientela.cli.logs",
    "up": "clientela.cli.up",
    "token": "clientela.cli.token",
    "demo": "clientela.cli.demo",
    "backup": "clientela.cli.backup",
    "restore": "clientela.cli.backup",
    "check": "clientela.cli.check",
    "person": "clientela.cli.person",
    "migrate": "clientela.cli.migrate",
    "torture": "clientela.cli.torture.command",
    "openapi": "clientela.cli.openapi",
}
_HIDDEN = ("openapi",)  # for those who change Clientela


class _Commands(TyperGroup):
    """Imports a command when it is asked for: no service starts with what only others need."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        """Give the commands, in the order of the help text."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]
        """Make one command; None when there is none of this name."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        function = getattr(import_module(_COMMANDS[cmd_name]), cmd_name)
        if isinstance(function, typer.Typer):  # a command that has commands of its own
            return typer.main.get_command(function)
        one = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        hidden = cmd_name in _HIDDEN
        one.command(cmd_name, hidden=hidden, context_settings=_SETTINGS)(function)
        return typer.main.get_command(one)


app = typer.Typer(
    cls=_Commands,
    help="A company's register of clients, in one place and live everywhere it is used.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={**_SETTINGS, "auto_envvar_prefix": "CLIENTELA"},
)


@app.callback(invoke_without_command=True)
def main(
    version: Annotated[
        bool, typer.Option("--version", help="Tell the version and stop.", is_eager=True)
    ] = False,
) -> None:
    """Take the options that belong to no command."""
    if version:
        Console().print(f"clientela {__version__}")
        raise typer.Exit
