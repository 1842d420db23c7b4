import pytest

from clientela.clients.writes import parse_write
from clientela.errors import ClientelaError

INSERT = "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c11"
RAW = {"write_id": "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c12", "operation": "update"}
RAW = {**RAW, "client_id": INSERT, "set": {"notes": "x"}}


def test_a_write_names_the_writes_that_it_builds_on():
    write = parse_write({**RAW, "depends_on": [INSERT.upper()]}).write

    assert write.depends_on == [INSERT]


@pytest.mark.parametrize("bad", ["x", {}, ["x"], [1], [INSERT] * 17])
def test_other_things_than_a_few_ids_are_malformed(bad):
    with pytest.raises(ClientelaError) as raised:
        parse_write({**RAW, "depends_on": bad})

    assert [error.field for error in raised.value.errors] == ["depends_on"]
