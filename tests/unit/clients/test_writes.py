"""Writes as they arrive, and when two of them are the same."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.clients.writes import (
    Conflict,
    Reason,
    Receipt,
    Write,
    parse_write,
    same_content,
)
from clientela.errors import ClientelaError, FieldError

WRITE_ID = "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c12"
CLIENT_ID = "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c11"
V1 = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
POSITION = "0000000001_00000000000000000042"

any_text = st.text(st.characters(codec=None, categories=None, exclude_categories=()))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | any_text,
    lambda inner: st.lists(inner) | st.dictionaries(any_text, inner),
    max_leaves=6,
)


def update(**members):
    return {"write_id": WRITE_ID, "operation": "update", "client_id": CLIENT_ID, **members}


def insert(**members):
    return {**update(**members), "operation": "insert"}


def delete(**members):
    return {**update(**members), "operation": "delete"}


def faults(raw, *, index=None):
    with pytest.raises(ClientelaError) as raised:
        parse_write(raw, index=index)

    assert raised.value.code == "malformed"
    return [(error.field, error.code) for error in raised.value.errors]


def test_an_update_has_its_set_normalised_and_its_was_as_sent():
    raw = update(set={"name": " Ana "}, was={"name": " Bia "}, at="2026-07-01T12:00:00-03:00")

    actual = parse_write(raw)

    assert actual == (
        Write(
            write_id=WRITE_ID,
            operation="update",
            client_id=CLIENT_ID,
            set={"name": "Ana"},
            was={"name": " Bia "},
            at="2026-07-01T12:00:00-03:00",
        ),
        (),
    )


def test_an_insert_has_every_field_set():
    actual = parse_write(insert(set={"name": "Ana"})).write.set

    assert actual == {"name": "Ana", "email": None, "phone": None, "document": None, "notes": None}


def test_ids_become_lower_case():
    write = parse_write(update(write_id=WRITE_ID.upper(), client_id=CLIENT_ID.upper())).write

    assert (write.write_id, write.client_id) == (WRITE_ID, CLIENT_ID)


@pytest.mark.parametrize(
    "raw",
    [
        update(),
        update(set={}, was=None, at=None, if_match=None),
        update(if_match=POSITION),
        update(client_id=V1, write_id=V1),
        insert(set={"name": "Ana"}, was={"name": None}),
        delete(was={"name": "Ana"}, set=None),
        delete(set={}),
        *(
            update(at=at)
            for at in ("2026-07-01T12:00:00Z", "2026-07-01t12:00:00.123456789z",
                       "2024-02-29T23:59:59.5+14:00")
        ),
    ],
)  # fmt: skip
def test_a_whole_envelope_is_a_write(raw):
    actual = parse_write(raw)

    assert actual.errors == ()


@pytest.mark.parametrize("raw", [None, 1, "x", [], True])
def test_a_write_is_an_object(raw):
    assert faults(raw, index=3) == [("[3]", "type")]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({}, [("operation", "required"), ("write_id", "required"), ("client_id", "required")]),
        (update(write_id=None), [("write_id", "required")]),
        (update(write_id=5), [("write_id", "type")]),
        (update(write_id="x"), [("write_id", "format")]),
        (update(write_id="0" * 8 + "-0000-0000-0000-" + "0" * 12), [("write_id", "format")]),
        (update(client_id="x"), [("client_id", "format")]),
        (update(operation="upsert"), [("operation", "format")]),
        (update(operation={}), [("operation", "type")]),
        (insert(client_id=V1, set={}), [("client_id", "format")]),
        (insert(set={}, was={"name": "Ana"}), [("was", "not-empty")]),
        (insert(set={}, if_match=POSITION), [("if_match", "format")]),
        (delete(set={"name": "Ana"}), [("set", "not-empty")]),
        (update(set=[]), [("set", "type")]),
        (update(was="x"), [("was", "type")]),
        (update(was={"nick": None}), [("was.nick", "unknown-field")]),
        (update(was={"name": 5}), [("was.name", "type")]),
        (update(was={"name": "\ud800"}), [("was.name", "type")]),
        (update(if_match="42"), [("if_match", "format")]),
        (update(wos={}), [("wos", "unknown-field")]),
        *(
            (update(at=at), [("at", "format")])
            for at in ("", "now", "2026-07-01", "2026-07-01T12:00:00", "2026-07-01 12:00:00Z",
                       "2026-02-30T12:00:00Z", "2026-07-01T12:00:00+99:00",
                       "\u0662026-07-01T12:00:00Z")
        ),
    ],
)  # fmt: skip
def test_a_fault_of_the_envelope_is_malformed(raw, expected):
    assert faults(raw) == expected


def test_all_faults_of_an_envelope_are_told_at_once_with_their_place():
    raw = {"operation": "update", "write_id": "x", "was": {"a": 1}, "b": 2}

    actual = faults(raw, index=3)

    assert actual == [
        ("[3].write_id", "format"),
        ("[3].client_id", "required"),
        ("[3].was.a", "unknown-field"),
        ("[3].b", "unknown-field"),
    ]


def test_a_write_with_faulty_fields_is_still_a_write_and_keeps_what_was_sent():
    sent = {"name": " Ana ", "email": " x ", "nick": [1, {"a": None}]}

    write, errors = parse_write(update(set=sent))

    assert [(error.field, error.code) for error in errors] == [
        ("email", "email-format"),
        ("nick", "unknown-field"),
    ]
    assert write.set == {"name": "Ana", "email": " x ", "nick": [1, {"a": None}]}


def test_half_a_character_in_an_invalid_write_is_kept_as_a_question_mark():
    write = parse_write(update(set={"name": "a\ud800", "\udfff": 1})).write

    assert write.set == {"name": "a?", "?": 1}


@given(
    st.dictionaries(
        st.sampled_from(["write_id", "operation", "client_id", "set", "was", "at", "if_match"])
        | any_text,
        st.sampled_from([WRITE_ID, "insert", "update", "delete", {}, {"name": "\ud800"}])
        | json_values,
    )
    | json_values
)
def test_anything_in_json_is_a_write_or_malformed_and_either_can_be_sent(raw):
    try:
        parsed = parse_write(raw, index=0)
    except ClientelaError as error:
        msgspec.json.encode([error.detail, error.errors])
    else:
        msgspec.json.encode(parsed)


@given(st.dictionaries(st.sampled_from(["name", "email", "nick"]), json_values))
def test_a_stored_write_is_read_back_with_the_same_content(values):
    write = parse_write(update(set=values)).write

    stored = json.loads(msgspec.json.encode(write))

    assert same_content(parse_write(stored).write, write)


def one(**members):
    return Write(
        write_id=WRITE_ID,
        **{"operation": "update", "client_id": CLIENT_ID, "set": {}, "was": {}, **members},
    )


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (one(at="2026-07-01T12:00:00Z"), one()),
        (one(was={"email": None}), one()),
        (one(was={"name": "A"}), one(was={"name": "B"})),
        (one(operation="delete", was={"name": "A"}), one(operation="delete")),
        (one(operation="insert", set={"name": "A", "email": None}),
         one(operation="insert", set={"name": "A"})),
        (parse_write(update(set={"phone": "(11) 98765-4321"})).write,
         parse_write(update(set={"phone": "+5511987654321"})).write),
    ],
)  # fmt: skip
def test_writes_that_ask_for_the_same_have_the_same_content(a, b):
    assert same_content(a, b)
    assert same_content(b, a)


@pytest.mark.parametrize(
    "other",
    [
        one(operation="delete"),
        one(client_id=V1),
        one(set={"email": None}),
        one(set={"name": "A"}),
        one(if_match=POSITION),
    ],
)
def test_writes_that_ask_for_something_else_have_other_content(other):
    assert not same_content(one(), other)
    assert not same_content(other, one())


def test_a_receipt_has_every_member_and_a_reason_only_what_belongs_to_it():
    reason = Reason(
        "conflict",
        "Changed meanwhile.",
        conflicts=[Conflict("email", yours=None, theirs="a@example.com")],
    )
    receipt = Receipt(WRITE_ID, CLIENT_ID, "update", "refused", reason=reason)

    assert json.loads(msgspec.json.encode(receipt)) == {
        "write_id": WRITE_ID,
        "client_id": CLIENT_ID,
        "operation": "update",
        "outcome": "refused",
        "version": None,
        "reason": {
            "code": "conflict",
            "detail": "Changed meanwhile.",
            "conflicts": [{"field": "email", "yours": None, "theirs": "a@example.com"}],
        },
        "at": None,
        "facade": None,
        "actor": None,
    }


def test_a_receipt_is_read_back_as_it_was():
    reason = Reason("invalid", "No.", errors=[FieldError("name", "required", "Give a name.")])
    receipt = Receipt(WRITE_ID, CLIENT_ID, "insert", "refused", reason=reason, facade="matriz")

    actual = msgspec.json.decode(msgspec.json.encode(receipt), type=Receipt)

    assert actual == receipt
