"""Django REST framework under gunicorn, with SQLite."""

import json
from collections.abc import Sequence

from load.clients import Client
from peers.installed import HERE, PYTHON, documents_in, missing_python, write_seed
from peers.peer import Peer


class Django(Peer):
    """One gunicorn worker with threads, so that connections are kept."""

    name = "django"
    title = "Django REST framework"
    durability = "SQLite, WAL, synchronous=FULL: an fsync per request"

    @classmethod
    def missing(cls) -> str | None:
        """Say what is not installed, if anything."""
        return missing_python("rest_framework") or missing_python("gunicorn")

    def prepare(self, clients: Sequence[Client]) -> None:
        """Have it read the clients at its start."""
        environment = {
            "SEED": str(write_seed(self.folder, clients)),
            "DATABASE": str(self.folder / "clients.db"),
            "PYTHONPATH": str(HERE / "python"),
        }
        command = [PYTHON, "-m", "gunicorn", "django_app:application", "--workers", "1",
                   "--worker-class", "gthread", "--threads", "4", "--keep-alive", "30",
                   "--bind", f"127.0.0.1:{self.port}"]  # fmt: skip
        self.spawn(command, environment=environment)

    def clients_in(self, body: bytes) -> list[Client]:
        """Read a page."""
        found: list[Client] = json.loads(body)["results"]
        return found

    def documents(self) -> list[str]:
        """Give the documents that are stored."""
        return documents_in(self.folder / "clients.db")
