"""What ``make check`` makes of the audit tools' answers."""

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "audit.py"
SOUND = {"dependencies": [{"name": "a", "version": "1", "vulns": []}]}
BAD = {"dependencies": [{"name": "b", "version": "2", "vulns": [{"id": "CVE-1"}]}]}
SKIPPED = {"dependencies": [{"name": "c", "skip_reason": "not found"}]}
OF_NPM = {"metadata": {"dependencies": {"total": 3}}, "vulnerabilities": {}}
BAD_OF_NPM = {**OF_NPM, "vulnerabilities": {"d": {"severity": "high"}}}


@pytest.fixture
def audit():
    spec = importlib.util.spec_from_file_location("audit", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("pip", "npm", "code", "says"),
    [
        (SOUND, OF_NPM, 0, ["1 audited, 0 with", "3 audited, 0 with"]),
        (BAD, OF_NPM, 1, ["b 2: CVE-1"]),
        (SOUND, BAD_OF_NPM, 1, ["d: high"]),
        (SKIPPED, {"error": {}}, 0, ["Python: not audited", "the frontend: not audited"]),
        ({}, {}, 0, ["Python: not audited"]),
    ],
)
def test_a_known_vulnerability_fails_and_silence_is_called_so(
    audit, monkeypatch, capsys, pip, npm, code, says
):
    monkeypatch.setattr(audit, "told", lambda command: pip if command is audit.PIP else npm)

    assert audit.main() == code
    told = capsys.readouterr().out
    assert all(line in told for line in says)


def test_a_tool_that_is_not_there_tells_nothing(audit):
    assert audit.told(["/no/such/tool"]) == {}
