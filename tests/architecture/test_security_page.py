"""docs/security.md tells the bounds as they are."""

import re
from pathlib import Path

from clientela import limits
from clientela.web.problems import TABLE

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text()
ROW = re.compile(r"^\| `([A-Z_]+)` \| ([0-9.,]+) \|", re.MULTILINE)
AT_THE_PROTOCOL = re.compile(r"limits\.([A-Z_]+)")


def test_every_bound_in_the_table_is_the_one_in_the_code():
    told = {name: float(value.replace(",", "")) for name, value in ROW.findall(PAGE)}

    assert len(told) > 20
    assert told == {name: getattr(limits, name) for name in told}


def test_every_bound_of_a_connection_is_in_the_table():
    code = (ROOT / "src/clientela/web/bounded.py").read_text()
    code += (ROOT / "src/clientela/web/sizes.py").read_text()
    kept_for_ourselves = {"OPEN_FILES_KEPT_ITEMS", "LINGER_S", "REFUSED_CONNECTIONS_MAX"}

    assert set(AT_THE_PROTOCOL.findall(code)) - kept_for_ourselves <= set(dict(ROW.findall(PAGE)))


def test_every_code_of_an_error_is_in_the_api_s_page():
    page = (ROOT / "docs" / "api.md").read_text()

    assert [code for code in TABLE if f"`{code}`" not in page] == []
