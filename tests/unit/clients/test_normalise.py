"""The one way in for a client's fields."""

import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela import limits
from clientela.clients.model import FIELDS, Client, ClientPatch, NewClient, normalise

ANA = {
    "name": "Ana Silva",
    "email": "ana@example.com",
    "phone": "(11) 98765-4321",
    "document": "390.533.447-05",
    "notes": "Prefers the morning.",
}

any_text = st.text(st.characters(codec=None, categories=None, exclude_categories=()))
near_text = st.sampled_from(
    ["ana@example.com", "11 98765-4321", "39053344705", "12ABC34501DE35", " ", "", "\x00", "a\r\nb"]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text | near_text,
    lambda inner: st.lists(inner) | st.dictionaries(any_text, inner),
    max_leaves=8,
)
bodies = st.dictionaries(st.sampled_from(FIELDS) | any_text, json_values)


def codes(values, *, partial=False):
    return [(error.field, error.code) for error in normalise(values, partial=partial)[1]]


def test_every_field_gets_its_stored_form():
    actual = normalise(ANA, partial=False)

    assert actual == (
        {**ANA, "phone": "+5511987654321", "document": "39053344705"},
        [],
    )


def test_a_whole_client_has_every_field_and_absent_is_null():
    actual, _ = normalise({"name": "Ana"}, partial=False)

    assert actual == {"name": "Ana", "email": None, "phone": None, "document": None, "notes": None}


def test_a_partial_client_has_only_the_fields_given():
    actual, errors = normalise({"email": None}, partial=True)

    assert (actual, errors) == ({"email": None}, [])


@pytest.mark.parametrize("field", ["email", "phone", "document", "notes"])
@pytest.mark.parametrize("empty", ["", "  ", "\u00a0\t"])
def test_an_empty_text_is_null(field, empty):
    actual, errors = normalise({field: empty}, partial=True)

    assert (actual, errors) == ({field: None}, [])


def test_texts_are_trimmed_and_composed():
    actual, _ = normalise({"name": " Jose\u0301 \n"}, partial=True)

    assert actual == {"name": "Jos\u00e9"}


def test_the_lines_of_notes_end_in_one_way():
    actual, _ = normalise({"notes": "a\r\nb\rc\n\td"}, partial=True)

    assert actual == {"notes": "a\nb\nc\n\td"}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, [("name", "required")]),
        ({"name": None}, [("name", "required")]),
        ({"name": ""}, [("name", "name-blank")]),
        ({"name": " \t"}, [("name", "name-blank")]),
        ({"name": "\u200b\u2060"}, [("name", "name-blank")]),
        ({"name": 5}, [("name", "type")]),
        ({"name": ["Ana"]}, [("name", "type")]),
        ({"name": "a" * 201}, [("name", "too-long")]),
        ({"name": "a\x00b"}, [("name", "control-character")]),
        ({"name": "a\nb"}, [("name", "control-character")]),
        ({"name": "a\x85b"}, [("name", "control-character")]),
        ({"name": "a\ud800b"}, [("name", "control-character")]),
        ({"name": "Ana", "notes": "a\x00b"}, [("notes", "control-character")]),
        ({"name": "Ana", "notes": "a" * 10_001}, [("notes", "too-long")]),
        ({"name": "Ana", "email": "a" * 255 + "@example.com"}, [("email", "too-long")]),
        ({"name": "Ana", "email": "ana"}, [("email", "email-format")]),
        ({"name": "Ana", "phone": "1" * 33}, [("phone", "too-long")]),
        ({"name": "Ana", "phone": "123"}, [("phone", "phone-format")]),
        ({"name": "Ana", "document": "1" * 33}, [("document", "too-long")]),
        ({"name": "Ana", "document": "1"}, [("document", "document-format")]),
        ({"name": "Ana", "document": "39053344706"}, [("document", "document-check-digits")]),
        ({"name": "Ana", "nick": "A"}, [("nick", "unknown-field")]),
        ({"name": "Ana", "version": None}, [("version", "unknown-field")]),
    ],
)
def test_each_fault_has_its_code(values, expected):
    actual = codes(values)

    assert actual == expected


def test_all_faults_are_told_at_once_in_the_order_of_the_fields():
    actual = codes({"nick": 1, "document": "1", "phone": "x", "email": "x", "notes": 1, "name": ""})

    assert actual == [
        ("name", "name-blank"),
        ("email", "email-format"),
        ("phone", "phone-format"),
        ("document", "document-format"),
        ("notes", "type"),
        ("nick", "unknown-field"),
    ]


def test_a_field_in_error_is_left_out_of_the_answer():
    actual, _ = normalise({"name": "Ana", "email": "x"}, partial=True)

    assert actual == {"name": "Ana"}


def test_a_name_as_long_as_the_bound_is_taken_with_spaces_around():
    actual, errors = normalise({"name": " " + "a" * 200 + " "}, partial=True)

    assert (actual, errors) == ({"name": "a" * 200}, [])


def test_a_text_that_grows_beyond_the_bound_when_composed_is_refused():
    actual = codes({"name": "\u0958" * limits.NAME_CHARACTERS_MAX})  # two characters each in NFC

    assert actual == [("name", "too-long")]


def test_piled_up_accents_are_refused_before_they_cost_quadratic_time():
    hostile = ("a" + "\u0301\u0323" * limits.NOTES_CHARACTERS_MAX)[: limits.NOTES_CHARACTERS_MAX]
    started = time.process_time()

    for _ in range(20):
        assert codes({"notes": hostile}, partial=True) == [("notes", "too-long")]

    assert time.process_time() - started < 0.5  # 20 compositions take about 1.5 s


@given(bodies, st.booleans())
def test_nothing_in_json_makes_it_raise_and_its_answer_can_be_sent(values, partial):
    normal, errors = normalise(values, partial=partial)

    msgspec.json.encode([normal, errors])


@given(bodies, st.booleans())
def test_every_field_is_either_normal_or_in_error(values, partial):
    normal, errors = normalise(values, partial=partial)
    in_error = {error.field for error in errors}

    assert all((field in normal) != (field in in_error) for field in FIELDS if field in values)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, any_text | near_text)))
def test_normalising_twice_changes_nothing(values):
    once, _ = normalise(values, partial=True)

    again = normalise(once, partial=True)

    assert again == (once, [])


@given(st.emails().map(str.strip))
def test_a_normal_email_is_its_own_normal_form(address):
    once, errors = normalise({"email": address}, partial=True)

    assert errors or normalise(once, partial=True) == (once, [])


@given(st.from_regex(r"\+?[0-9() .-]{8,20}", fullmatch=True))
def test_a_normal_phone_is_its_own_normal_form(number):
    once, errors = normalise({"phone": number}, partial=True)

    assert errors or normalise(once, partial=True) == (once, [])


def test_the_stored_bytes_of_a_client_have_every_member_in_order():
    actual = msgspec.json.encode(Client(id="i", name="Ana"))

    assert actual == (
        b'{"id":"i","name":"Ana","email":null,"phone":null,"document":null,"notes":null,'
        b'"created_at":null,"updated_at":null,"version":null}'
    )


def test_the_fields_of_a_client_are_those_that_writers_can_change():
    actual = tuple(Client(id="i", name="Ana").fields())

    assert actual == FIELDS


def test_a_client_of_a_newer_server_can_be_read():
    actual = msgspec.json.decode(b'{"id":"i","name":"Ana","rating":5}', type=Client)

    assert actual == Client(id="i", name="Ana")


@pytest.mark.parametrize("shape", [NewClient, ClientPatch])
def test_the_documented_bodies_have_the_fields_with_a_description_each(shape):
    _, defined = msgspec.json.schema_components([shape])
    properties = defined[shape.__name__]["properties"]

    assert set(FIELDS) <= set(properties)
    assert all("description" in properties[field] for field in FIELDS)
