"""Why a command can't do its work: one line for people, an exit code for programs."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.markup import escape

from clientela.errors import StartupError

_errors = Console(stderr=True, highlight=False)


@contextmanager
def clear_errors() -> Iterator[None]:
    """Tell a StartupError in one line, instead of a traceback, and exit with 2."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    try:
        yield
    except StartupError as error:
        _errors.print(f"[red]clientela:[/] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(2) from None
