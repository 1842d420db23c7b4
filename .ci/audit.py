"""Looks the pinned dependencies up in the advisory databases: fails for a known vulnerability.

Where a database can't be reached, that is said and nothing fails: what was not looked up is not
called sound.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
ANSWER_S = 60
PIP = [
    *(sys.executable, "-m", "pip_audit", "-r", "requirements.lock", "--require-hashes"),
    *("--disable-pip", "--progress-spinner", "off", "--timeout", "5", "--format", "json"),
]
NPM = ["npm", "--prefix", "frontend", "audit", "--omit=dev", "--json"]


def told(command: list[str]) -> dict:
    """Give what a tool says as JSON; empty when it could not ask."""
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=ANSWER_S, check=False
        )
        found = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return {}
    return found if isinstance(found, dict) else {}


def of_python(answer: dict) -> tuple[int, list[str]]:
    """Give how many packages were looked up, and what is known against them."""
    asked = [one for one in answer.get("dependencies", []) if "skip_reason" not in one]
    return len(asked), [
        f"{one['name']} {one['version']}: {', '.join(found['id'] for found in one['vulns'])}"
        for one in asked
        if one["vulns"]
    ]


def of_the_frontend(answer: dict) -> tuple[int, list[str]]:
    """Give how many packages were looked up, and what is known against them."""
    asked = answer.get("metadata", {}).get("dependencies", {}).get("total", 0)
    known = answer.get("vulnerabilities", {})
    return asked, [f"{name}: {one['severity']}" for name, one in known.items()]


def main() -> int:
    """Say what was found; 1 when there is something."""
    bad = False
    for whose, (asked, known) in {
        "Python": of_python(told(PIP)),
        "the frontend": of_the_frontend(told(NPM)),
    }.items():
        if not asked:
            print(f"Dependencies of {whose}: not audited, for no advisory database answers.")
            continue
        print(f"Dependencies of {whose}: {asked} audited, {len(known)} with known vulnerabilities.")
        print(*known, sep="\n", end="\n" if known else "")
        bad |= bool(known)
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
