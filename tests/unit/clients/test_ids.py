"""The ids of clients and writes."""

import pytest

from clientela.clients.ids import check_new_id, parse_client_id, parse_write_id
from clientela.errors import ClientelaError

V7 = "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c11"
V4 = "3f2b8c1d-5a6e-4f70-8b9c-0d1e2f3a4b5c"
V1 = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
NIL = "00000000-0000-0000-0000-000000000000"
MAX = "ffffffff-ffff-ffff-ffff-ffffffffffff"


@pytest.mark.parametrize("text", [V7, V4, V1, NIL, MAX, V7.upper()])
def test_any_uuid_can_be_read_and_becomes_lower_case(text):
    actual = parse_client_id(text)

    assert actual == text.lower()


@pytest.mark.parametrize(
    "text",
    ["", "1", V7[:-1], V7 + "0", V7 + "\n", V7.replace("-", ""), "{" + V7 + "}", "g" + V7[1:],
     "\u0660" + V7[1:], "urn:uuid:" + V7],
)  # fmt: skip
def test_what_is_no_uuid_of_36_characters_is_malformed(text):
    with pytest.raises(ClientelaError) as raised:
        parse_client_id(text)

    assert raised.value.code == "malformed"


@pytest.mark.parametrize("text", [V7, V4, V4.upper()])
def test_a_new_client_has_an_id_of_version_7_or_4(text):
    actual = check_new_id(text)

    assert actual == text.lower()


@pytest.mark.parametrize("text", [V1, NIL, MAX, V7[:19] + "1" + V7[20:], "x"])
def test_a_new_client_has_no_other_id(text):
    with pytest.raises(ClientelaError) as raised:
        check_new_id(text)

    assert raised.value.code == "malformed"


@pytest.mark.parametrize("text", [NIL, MAX])
def test_a_write_has_an_id_of_its_own(text):
    with pytest.raises(ClientelaError) as raised:
        parse_write_id(text)

    assert raised.value.code == "malformed"
