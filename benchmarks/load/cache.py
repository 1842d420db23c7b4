"""nginx as a shared cache before the server, by the very configuration of docs/operations.md."""

import os
import re
import subprocess
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "operations.md"
_FRAME = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
{user}
worker_processes 1;
events {{ worker_connections 8192; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
{site}
}}
"""


def start_cache(folder: Path, *, port: int, server_port: int) -> subprocess.Popen[bytes]:
    """Start nginx on a port of 127.0.0.1; its files go into ``folder``."""
    (site,) = re.findall(r"```nginx\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    for shown, here in (
        ("127.0.0.1:8000", f"127.0.0.1:{server_port}"),
        ("listen 80;", f"listen 127.0.0.1:{port} backlog=4096;"),
        ("/var/cache/nginx", str(folder)),
    ):
        assert shown in site, f"{shown} is no longer in the guide"  # noqa: S101 - it would not run
        site = site.replace(shown, here)
    user = "user root;" if os.geteuid() == 0 else ""
    path = folder / "nginx.conf"
    path.write_text(_FRAME.format(folder=folder, user=user, site=site))
    with (folder / "nginx.log").open("wb") as log:
        command = ["nginx", "-p", str(folder), "-c", str(path), "-e", str(folder / "start.log")]
        return subprocess.Popen(command, stdout=log, stderr=log)
