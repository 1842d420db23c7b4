"""FastAPI with SQLAlchemy and SQLite: what most people would write in Python."""

from collections.abc import Sequence

from load.clients import Client
from peers.installed import HERE, PYTHON, documents_in, missing_python, write_seed
from peers.peer import Peer


class FastApi(Peer):
    """One uvicorn worker."""

    name = "fastapi"
    title = "FastAPI + SQLAlchemy"
    durability = "SQLite, WAL, synchronous=FULL: an fsync per request"

    @classmethod
    def missing(cls) -> str | None:
        """Say what is not installed, if anything."""
        return missing_python("fastapi") or missing_python("sqlalchemy")

    def prepare(self, clients: Sequence[Client]) -> None:
        """Have it read the clients at its start."""
        environment = {
            "SEED": str(write_seed(self.folder, clients)),
            "DATABASE": str(self.folder / "clients.db"),
        }
        command = [PYTHON, "-m", "uvicorn", "fastapi_app:app", "--app-dir", HERE / "python",
                   "--port", str(self.port), "--no-access-log"]  # fmt: skip
        self.spawn(command, environment=environment)

    def documents(self) -> list[str]:
        """Give the documents that are stored."""
        return documents_in(self.folder / "clients.db")
