"""Where and when figures were taken, and of which versions."""

import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from peers.installed import NODE_MODULES, PYTHON

OURS = ("uvicorn", "uvloop", "apsw", "fastapi")
NODE_PACKAGES = ("fastify", "better-sqlite3", "json-server", "pouchdb-server")
PYTHON_PACKAGES = ("SQLAlchemy", "Django", "djangorestframework", "gunicorn", "kinto", "datasette")
PROGRAMS = {
    "node": ["node", "--version"],
    "nginx": ["nginx", "-v"],
    "redis": ["redis-server", "--version"],
    "NATS": ["nats-server", "--version"],
    "wrk": ["wrk", "-v"],
}


def about() -> dict[str, Any]:
    """Tell the machine, the time and the versions."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": _said(["git", "rev-parse", "--short", "HEAD"]) or "unknown",
        "machine": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "kernel": ".".join(platform.release().split(".")[:2]),
        "load_before": load_average(),
        "versions": {**_ours(), **_programs(), **_node(), **_python()},
    }


def load_average() -> float:
    """Give how many processes have wanted a core in the last minute."""
    return round(os.getloadavg()[0], 1)


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.+)", told.read_text()) if told.exists() else None
    return found[1] if found else platform.machine()


def _ours() -> dict[str, str]:
    return {"Python": platform.python_version(), **{name: version(name) for name in OURS}}


def _programs() -> dict[str, str]:
    said = {name: _said(command) for name, command in PROGRAMS.items()}
    found = {name: re.search(r"\d+\.\d+\.\d+", text) for name, text in said.items()}
    return {name: match[0] for name, match in found.items() if match}


def _node() -> dict[str, str]:
    files = {name: NODE_MODULES / name / "package.json" for name in NODE_PACKAGES}
    return {
        name: json.loads(file.read_text())["version"]
        for name, file in files.items()
        if file.exists()
    }


def _python() -> dict[str, str]:
    ask = "import sys, importlib.metadata as m; [print(m.version(n)) for n in sys.argv[1:]]"
    if not PYTHON.exists():
        return {}
    told = _said([str(PYTHON), "-c", ask, *PYTHON_PACKAGES]).split()
    return dict(zip(PYTHON_PACKAGES, told, strict=False))


def _said(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, cwd=Path(sys.path[0])
        )
    except OSError:
        return ""
    return (done.stdout + done.stderr).strip()
