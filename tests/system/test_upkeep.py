"""A running server backs itself up while it takes writes, and tells of facades in trouble."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

REPORT = {
    "state": "live",
    "version": None,
    "lag_ms": 0,
    "clients": 0,
    "digest": {"state": "agreed", "version": None, "agreed": True, "at": None, "rows_repaired": 0},
    "outbox": {"pending": 1, "refused": 0, "oldest_age_ms": 600_000},
    "lost": 0,
    "requests": 0,
    "latency_us": None,
    "release": "1",
    "last_error": None,
}


@pytest.fixture
def receiver():
    """A service that takes alerts, but not the first time."""
    taken, asked = [], []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(body)
            if len(asked) > 1:
                taken.append(json.loads(body))
            self.send_response(500 if len(asked) == 1 else 204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    served = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=served.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{served.server_port}/alerts?to=ops", taken
    served.shutdown()
    thread.join()
    served.server_close()


def figure(server, name):
    lines = httpx.get(f"{server.url}/metrics").text.splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith(f"clientela_{name} ")))


def test_a_server_backs_itself_up_and_tells_of_trouble(programs, until, receiver, run):
    url, taken = receiver
    folder = programs.folder / "backups"
    server = programs.server(
        "server", "--backup-dir", str(folder), "--alert-webhook", url, "--alert-after", "5"
    ).start()
    httpx.post(f"{server.url}/clients", json={"name": "Ana"}).raise_for_status()
    httpx.put(f"{server.url}/facades/matriz", json=REPORT).raise_for_status()

    (backup,) = until(lambda: list(folder.glob("register-*.db")), "a backup")
    (alert,) = until(lambda: taken, "an alert, sent again")
    checked = run(["check", "--db", f"sqlite:///{backup}"])

    assert (alert["alert"], alert["state"], alert["facade"]) == ("outbox-aged", "raised", "matriz")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert 0 <= figure(server, "backup_age_seconds") < 60
    assert figure(server, "facades_outbox_aged") == 1
    assert figure(server, "alert_failures_total") == 1
