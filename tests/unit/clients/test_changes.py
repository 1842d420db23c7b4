"""Changes: the messages of the register's feed."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.clients.changes import ChangeHeaders, decode_change, encode_change

HEADERS = ChangeHeaders(
    operation="update",
    version="0000000001_00000000000000000042",
    digest="0" * 32,
    timestamp="2026-07-01T12:00:00.000000Z",
    write_id="0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c12",
    facade="matriz",
)
KEY = "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c11"


def test_a_change_has_its_members_in_order_and_its_value_untouched():
    actual = encode_change(KEY, HEADERS, b'{ "id" : "x",  "new":1e2 }')

    assert actual == (
        b'{"type":"client","key":"0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c11",'
        b'"value":{ "id" : "x",  "new":1e2 },"headers":{"operation":"update",'
        b'"version":"0000000001_00000000000000000042",'
        b'"digest":"00000000000000000000000000000000",'
        b'"timestamp":"2026-07-01T12:00:00.000000Z",'
        b'"write_id":"0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c12","facade":"matriz","actor":null}}'
    )


def test_a_delete_has_no_value():
    message = encode_change(KEY, HEADERS, None)

    assert "value" not in json.loads(message)
    assert decode_change(message).value_bytes == b""


json_values = st.recursive(
    st.none() | st.integers(-(2**63), 2**63) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.dictionaries(st.text(st.characters(codec="utf-8")), inner) | st.lists(inner),
)


@given(json_values, st.sampled_from([None, 1, 3]), st.booleans())
def test_a_decoded_change_keeps_the_exact_bytes_of_its_value(value, indent, escaped):
    stored = json.dumps(value, indent=indent, ensure_ascii=escaped).encode()

    change = decode_change(encode_change(KEY, HEADERS, stored))

    assert (change.key, change.headers, change.value_bytes) == (KEY, HEADERS, stored)


def test_members_of_a_newer_server_are_ignored():
    message = json.loads(encode_change(KEY, HEADERS, b"{}"))
    message["headers"]["shard"] = 7
    message["trace"] = {"a": [1]}

    change = decode_change(json.dumps(message).encode())

    assert (change.headers, change.value_bytes) == (HEADERS, b"{}")


@pytest.mark.parametrize(
    "message",
    [b"", b"[]", b"{}", b'{"type":"client","key":"k"}', b'{"type":1,"key":"k","headers":{}}'],
)
def test_what_is_no_change_is_a_decode_error(message):
    with pytest.raises(msgspec.DecodeError):
        decode_change(message)
