"""What must hold for files as files: locks, sizes, and what the wheel carries."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINES_MAX = 400
NPM = ["frontend", "tests/conformance", "benchmarks/pages", "benchmarks/peers/node"]
LOCKS = ["requirements.lock", *(f"requirements-{name}.lock" for name in ("dev", "bench", "peers"))]
SOURCES = [*ROOT.glob("src/clientela/**/*.py"), *ROOT.glob("frontend/src/**/*.ts*")]


@pytest.mark.parametrize("name", LOCKS)
def test_python_locks_name_versions_and_hashes_and_no_host(name):
    text = (ROOT / name).read_text()

    assert "://" not in text
    assert "--hash=sha256:" in text
    assert not re.search(r"^--", text, re.MULTILINE)
    assert all("==" in line for line in text.splitlines() if re.match(r"[a-z]", line))


@pytest.mark.parametrize("folder", NPM)
def test_the_npm_lock_names_no_host(folder):
    packages = json.loads((ROOT / folder / "package-lock.json").read_text())["packages"]

    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert all("integrity" in package for name, package in packages.items() if name)


@pytest.mark.parametrize("folder", NPM)
def test_npm_dependencies_are_pinned_exactly(folder):
    package = json.loads((ROOT / folder / "package.json").read_text())
    versions = {**package.get("dependencies", {}), **package.get("devDependencies", {})}

    assert {n: v for n, v in versions.items() if not re.fullmatch(r"[0-9.]+(-[0-9]+)?", v)} == {}


def test_no_source_file_is_longer_than_a_room():
    generated = ROOT / "frontend/src/core/api"
    long = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if generated not in path.parents and len(path.read_text().splitlines()) > LINES_MAX
    ]

    assert long == []


def test_every_limit_is_named_with_its_unit_and_its_reason():
    lines = (ROOT / "src/clientela/limits.py").read_text().splitlines()
    names = [line for line in lines if re.match(r"[A-Z]", line)]

    units = r"_(S|MS|BYTES|ITEMS|CHARACTERS|MESSAGES|CONNECTIONS|ENTRIES|REQUEST|REQUESTS)"
    unit = re.compile(units + r"(_MAX|_MIN|_AT_ONCE)?\b")
    assert [line for line in names if "  # " not in line] == []
    assert len([line for line in names if unit.search(line.split(" =")[0])]) > len(names) * 0.8
