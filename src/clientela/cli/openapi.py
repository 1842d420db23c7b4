"""The OpenAPI files of the services, as their own routes describe them."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from clientela.cli.clear_errors import clear_errors
from clientela.client_facade.app import ClientFacade
from clientela.log_facade.app import LogFacade
from clientela.server.app import Server


def openapi(
    out: Annotated[Path, typer.Argument(help="Folder for the files.")] = Path("docs/openapi"),
) -> None:
    """Write the OpenAPI file of each service; a change of a route shows in them."""
    with clear_errors():
        write_openapi(out)


def write_openapi(folder: Path) -> None:
    """Write ``server.json``, ``client_facade.json`` and ``log_facade.json`` into a folder."""
    with TemporaryDirectory() as temporary:
        data = Path(temporary)
        server = Server(data / "register.db", log_database=data / "server-logs.db")
        facade = ClientFacade(
            name="docs",
            servers=["http://127.0.0.1:8000"],
            database=data / "clients.db",
            log_database=data / "logs.db",
        )
        logs = LogFacade([data / "logs.db"]).app
        apps = {"server": server.api, "client_facade": facade.api, "log_facade": logs}
        folder.mkdir(parents=True, exist_ok=True)
        for name, app in apps.items():
            text = json.dumps(app.openapi(), indent=2, ensure_ascii=False)
            (folder / f"{name}.json").write_text(text + "\n")
        server.close()
        facade.close()
