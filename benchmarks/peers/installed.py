"""Where the peers' programs are, and the file that brings the clients to them."""

import json
import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from load.clients import Client

HERE = Path(__file__).parent
NODE = HERE / "node"
NODE_MODULES = NODE / "node_modules"
PYTHON = HERE.parent / ".venv" / "bin" / "python"


def missing_program(name: str) -> str | None:
    """Say that a program of the system is not there."""
    return None if shutil.which(name) else f"{name} is not installed"


def missing_node(package: str) -> str | None:
    """Say that a package of Node is not there."""
    if missing := missing_program("node"):
        return missing
    return None if (NODE_MODULES / package).exists() else f"npm package {package} is not installed"


def missing_python(package: str) -> str | None:
    """Say that a Python package is not in the peers' environment."""
    found = any(PYTHON.parents[1].glob(f"lib/*/site-packages/{package}"))
    return None if found else f"Python package {package} is not installed"


def write_seed(folder: Path, clients: Sequence[Client]) -> Path:
    """Write clients as lines of JSON."""
    path = folder / "seed.jsonl"
    with path.open("w") as lines:
        lines.writelines(json.dumps(client, ensure_ascii=False) + "\n" for client in clients)
    return path


def documents_in(database: Path, table: str = "clients") -> list[str]:
    """Give the documents in a SQLite file, by a connection of our own."""
    connection = sqlite3.connect(database)
    try:
        rows = connection.execute(f"SELECT document FROM {table}").fetchall()  # noqa: S608 - ours
    finally:
        connection.close()
    return [document for (document,) in rows]
