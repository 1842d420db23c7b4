"""The digest of a register."""

from hashlib import blake2b
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.clients.digest import EMPTY, add, from_hex, row_digest, subtract, to_hex

ID = "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c11"
VERSION = "0000000001_00000000000000000042"

ids = st.uuids().map(str)
versions = st.integers(0, 10**20 - 1).map(lambda n: f"0000000001_{n:020d}")
steps = st.lists(
    st.tuples(st.sampled_from([str(UUID(int=n)) for n in range(4)]), versions, st.binary())
    | st.tuples(st.sampled_from([str(UUID(int=n)) for n in range(4)]), st.none(), st.none()),
    max_size=30,
)


def test_a_row_is_hashed_as_its_id_position_and_exact_value():
    actual = row_digest(ID, VERSION, b'{"id":1}')

    hashed = blake2b(UUID(ID).bytes + VERSION.encode() + b'{"id":1}', digest_size=16)
    assert to_hex(actual) == hashed.hexdigest()


@given(steps)
def test_a_digest_kept_step_by_step_equals_that_of_the_rows(taken):
    rows: dict[str, int] = {}
    total = EMPTY
    for client_id, version, value in taken:
        if client_id in rows:
            total = subtract(total, rows.pop(client_id))
        if version is not None:
            rows[client_id] = row_digest(client_id, version, value)
            total = add(total, rows[client_id])

    recomputed = EMPTY
    for row in rows.values():
        recomputed = add(recomputed, row)
    assert total == recomputed


@given(st.lists(st.tuples(ids, versions, st.binary()), max_size=10), st.randoms())
def test_the_order_of_rows_does_not_matter(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)

    assert sum_of(rows) == sum_of(shuffled)


@given(st.integers(0, 2**128 - 1))
def test_32_hexadecimal_digits_say_a_digest(total):
    text = to_hex(total)

    assert (len(text), from_hex(text)) == (32, total)


@given(ids, versions, st.binary(), st.integers(0))
def test_one_flipped_bit_of_the_value_is_seen(client_id, version, value, bit):
    value += b"."
    flipped = bytearray(value)
    flipped[bit // 8 % len(value)] ^= 1 << bit % 8

    assert row_digest(client_id, version, bytes(flipped)) != row_digest(client_id, version, value)


@pytest.mark.parametrize("text", ["", "0", "g" * 32, "0" * 31, "0" * 34, " " * 2 + "0" * 32])
def test_nothing_else_is_read_as_a_digest(text):
    with pytest.raises(ValueError, match=r"digest|hexadecimal"):
        from_hex(text)


@pytest.mark.parametrize(("client_id", "version"), [(ID[:-1], VERSION), (ID, VERSION[:-1])])
def test_a_row_without_a_whole_id_and_position_is_refused(client_id, version):
    with pytest.raises(ValueError, match="36 characters and a position of 31"):
        row_digest(client_id, version, b"")


def sum_of(rows):
    total = EMPTY
    for row in rows:
        total = add(total, row_digest(*row))
    return total
