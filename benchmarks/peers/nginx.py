"""nginx, the limit: the same bytes without any register behind them."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from load.clients import CREATED_AT, Client
from peers.installed import missing_program
from peers.peer import Peer

CONFIGURATION = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
{user}
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  sendfile on;
  tcp_nopush on;
  default_type application/json;
  etag off;
  open_file_cache max=10000 inactive=1h;
  open_file_cache_valid 1h;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    root {folder}/files;
{locations}
  }}
}}
"""


class NginxFiles(Peer):
    """One worker; a file per client, kept open, and one for the list."""

    name = "nginx-files"
    title = "nginx, a file per client"
    inserts = False
    changes = False

    @classmethod
    def missing(cls) -> str | None:
        """Say what is not installed, if anything."""
        return missing_program("nginx")

    def prepare(self, clients: Sequence[Client]) -> None:
        """Write the files, and start."""
        (self.folder / "files" / "clients").mkdir(parents=True)
        for client in clients:
            path = self._file(client)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(stored(client))
        page = b",".join(stored(client) for client in clients[: self.page_items])
        (self.folder / "files" / "page.json").write_bytes(b"[" + page + b"]")
        self._serve("")

    def _serve(self, locations: str) -> None:
        path = self.folder / "nginx.conf"
        user = "user root;" if os.geteuid() == 0 else ""
        path.write_text(
            CONFIGURATION.format(folder=self.folder, port=self.port, locations=locations, user=user)
        )
        self.spawn(["nginx", "-p", self.folder, "-c", path])

    def _file(self, client: Client) -> Path:
        return self.folder / "files" / self.read(client)[1:]

    def read(self, client: Client) -> str:
        """Give the target of one client."""
        return f"/clients/{client['id'][-2:]}/{client['id']}.json"

    def page(self) -> str:
        """Give the target of the first clients."""
        return "/page.json"


class NginxReturn(NginxFiles):
    """One worker; from its configuration, for every client the bytes of one of middle size."""

    name = "nginx-return"
    title = "nginx, fixed bytes"
    lists = False

    def prepare(self, clients: Sequence[Client]) -> None:
        """Write its configuration, and start."""
        by_size = sorted(map(stored, clients), key=len)
        self._always = by_size[len(by_size) // 2]
        body = self._always.decode().replace("'", "\\'")
        self._serve(f"    location / {{ return 200 '{body}'; }}")

    def is_right(self, client: Client, body: bytes) -> bool:
        """Tell whether an answer is the only one that it has."""
        del client
        return body == self._always


def stored(client: Client) -> bytes:
    """Encode a client as a facade of ours answers it."""
    stamps = {"created_at": CREATED_AT, "updated_at": CREATED_AT, "version": "0" * 31}
    shown = {**client, **stamps}
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()
