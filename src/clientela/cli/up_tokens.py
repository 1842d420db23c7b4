"""The tokens of a system that ``clientela up`` opens to others: one per branch, one for you."""

import os
import time
from pathlib import Path

from rich.console import Console

from clientela.cli.supervisor import BRANCHES, token_file
from clientela.errors import ClientelaError, StartupError
from clientela.server.tokens import NewToken, add, change_tokens
from clientela.storage.tokens import TokenTable
from clientela.web.access import Role
from clientela.web.tokens import id_of

_console = Console(highlight=False)


def make_tokens(data: Path) -> None:
    """Make the tokens that are missing; yours is printed, once. Raises StartupError."""
    register = data / "server" / "register.db"
    try:
        for branch in BRANCHES:
            _of_branch(register, branch, token_file(data, branch))
        mine = change_tokens(register, _of_admin)
    except ClientelaError as error:
        raise StartupError(error.detail) from error
    except OSError as error:
        raise StartupError(f"{error.filename} can't be written: {error.strerror}.") from error
    if mine is not None:
        _console.print("Your token, shown this once. Keep it: it may do everything.")
        _console.print(f"  {mine}\n", soft_wrap=True)


def _of_branch(register: Path, branch: str, file: Path) -> None:
    """Give a branch a token, unless the one it has lives."""
    held = id_of(file.read_text().strip()) if file.exists() else None

    def work(table: TokenTable) -> str | None:
        living = {token.id for token in table.living(time.time())}
        return None if held in living else _added(table, Role.FACADE, branch)

    made = change_tokens(register, work)
    if made is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        # For its owner alone, from its first byte on.
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(made + "\n")


def _of_admin(table: TokenTable) -> str | None:
    living = table.living(time.time())
    if any(token.role == Role.ADMIN for token in living):
        return None
    return _added(table, Role.ADMIN, "admin")


def _added(table: TokenTable, role: Role, name: str) -> str:
    text, _ = add(table, NewToken(role, name), time.time())
    return text
