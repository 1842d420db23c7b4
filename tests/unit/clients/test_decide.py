"""Each rule by which a write is accepted or refused, by example."""

import pytest

from clientela.clients.decide import (
    Accepted,
    Created,
    Deleted,
    Living,
    Refused,
    Repeated,
    Unchanged,
    decide,
)
from clientela.clients.writes import Conflict, Write

CREATED = Created("creating-write", {"name": "Ana", "email": "ana@example.com"})
ANA = {
    "name": "Ana",
    "email": "ana@example.com",
    "phone": None,
    "document": "39053344705",
    "notes": None,
}
LIVING = Living(ANA, "v2", CREATED)
DELETED = Deleted("v3", CREATED)


def write(operation, to_set=None, was=None, if_match=None):
    return Write(
        write_id="w",
        operation=operation,
        client_id="ana",
        set=to_set or {},
        was=was or {},
        if_match=if_match,
    )


def nobody(_document):
    return None


def code(decision):
    assert isinstance(decision, Refused)
    return decision.reason.code


def test_an_insert_with_a_fresh_id_is_accepted_with_every_field():
    actual = decide(None, write("insert", {"name": "Ana"}), nobody)

    assert actual == Accepted(
        {"name": "Ana", "email": None, "phone": None, "document": None, "notes": None}
    )


@pytest.mark.parametrize("current", [LIVING, DELETED])
def test_an_insert_with_the_same_creating_content_repeats_the_first(current):
    same = {"name": "Ana", "email": "ana@example.com", "phone": None}

    actual = decide(current, write("insert", same), nobody)

    assert actual == Repeated("creating-write")


@pytest.mark.parametrize("current", [LIVING, DELETED, Living(ANA, "v2"), Deleted("v3")])
def test_an_id_is_never_used_twice(current):
    actual = decide(current, write("insert", {"name": "Bia"}), nobody)

    assert code(actual) == "id-used"


def test_what_the_client_became_later_does_not_count_as_its_creation():
    actual = decide(LIVING, write("insert", ANA), nobody)

    assert code(actual) == "id-used"


@pytest.mark.parametrize("operation", ["update", "delete"])
def test_an_id_that_was_never_used_is_not_found(operation):
    actual = decide(None, write(operation, if_match="v2"), nobody)

    assert code(actual) == "not-found"


@pytest.mark.parametrize("if_match", [None, "v2", "v3"])
def test_an_update_of_a_deleted_client_is_gone(if_match):
    actual = decide(DELETED, write("update", {"name": "Bia"}, if_match=if_match), nobody)

    assert code(actual) == "gone"


@pytest.mark.parametrize("if_match", [None, "v2", "v3"])
def test_deleting_the_deleted_is_accepted_without_a_change(if_match):
    actual = decide(DELETED, write("delete", was=ANA, if_match=if_match), nobody)

    assert actual == Unchanged("v3")


def test_an_update_sets_what_the_register_still_holds_as_it_was_seen():
    asked = {"name": "Bia", "email": None, "phone": "+5511987654321"}
    seen = {"name": "Ana", "email": "ana@example.com"}

    actual = decide(LIVING, write("update", asked, seen), nobody)

    assert actual == Accepted({**ANA, **asked})


def test_fields_seen_but_not_touched_do_not_conflict():
    actual = decide(LIVING, write("update", {"notes": "x"}, {"name": "Old"}), nobody)

    assert actual == Accepted({**ANA, "notes": "x"})


def test_a_field_that_already_holds_the_new_value_does_not_conflict():
    asked = {"name": "Ana", "notes": "x"}

    actual = decide(LIVING, write("update", asked, {"name": "Old"}), nobody)

    assert actual == Accepted({**ANA, "notes": "x"})


def test_every_field_that_was_changed_meanwhile_is_a_conflict_with_both_values():
    asked = {"email": None, "name": "Bia", "notes": "x"}
    seen = {"name": "Old", "email": "old@example.com"}

    actual = decide(LIVING, write("update", asked, seen), nobody)

    assert code(actual) == "conflict"
    assert actual.reason.conflicts == [
        Conflict("name", yours="Bia", theirs="Ana"),
        Conflict("email", yours=None, theirs="ana@example.com"),
    ]


@pytest.mark.parametrize("asked", [{}, {"name": "Ana"}, {"phone": None}, ANA])
def test_an_update_that_changes_nothing_is_accepted_at_the_present_version(asked):
    actual = decide(LIVING, write("update", asked, {"name": "Old"}), nobody)

    assert actual == Unchanged("v2")


def test_a_client_keeps_a_name():
    actual = decide(LIVING, write("update", {"name": None}, {"name": "Ana"}), nobody)

    assert code(actual) == "invalid"
    assert [(error.field, error.code) for error in actual.reason.errors] == [("name", "required")]


@pytest.mark.parametrize(
    ("current", "asked"),
    [
        (None, write("insert", {"name": "Bia", "document": "12ABC34501DE35"})),
        (LIVING, write("update", {"document": "12ABC34501DE35"}, {"document": "39053344705"})),
    ],
)
def test_a_document_of_another_living_client_is_refused_with_its_holder(current, asked):
    actual = decide(current, asked, {"12ABC34501DE35": "bia"}.get)

    assert (code(actual), actual.reason.holder) == ("duplicate-document", "bia")


def test_a_client_may_hold_its_own_document():
    asked = write("update", {"name": "Bia", "document": "39053344705"}, ANA)

    actual = decide(LIVING, asked, {"39053344705": "ana"}.get)

    assert actual == Accepted({**ANA, "name": "Bia"})


def test_a_new_document_that_the_holders_already_know_as_its_own_is_no_duplicate():
    asked = write("update", {"document": "12ABC34501DE35"}, ANA)

    actual = decide(LIVING, asked, {"12ABC34501DE35": "ana"}.get)

    assert actual == Accepted({**ANA, "document": "12ABC34501DE35"})


def test_a_conflict_is_told_before_a_duplicate():
    asked = write("update", {"document": "12ABC34501DE35"}, {"document": "other"})

    actual = decide(LIVING, asked, {"12ABC34501DE35": "bia"}.get)

    assert code(actual) == "conflict"


def test_a_delete_of_what_was_seen_is_accepted():
    seen = {field: value for field, value in ANA.items() if value is not None}

    actual = decide(LIVING, write("delete", was=seen), nobody)

    assert actual == Accepted(None)


@pytest.mark.parametrize(
    ("seen", "fields"),
    [
        ({}, ["name", "email", "document"]),
        ({**ANA, "notes": "x"}, ["notes"]),
        ({**ANA, "phone": "+5511987654321", "name": "Old"}, ["name", "phone"]),
    ],
)
def test_a_delete_of_something_else_is_a_conflict_that_lists_the_fields(seen, fields):
    actual = decide(LIVING, write("delete", was=seen), nobody)

    assert code(actual) == "conflict"
    assert [conflict.field for conflict in actual.reason.conflicts] == fields


@pytest.mark.parametrize("operation", ["update", "delete"])
def test_a_version_to_match_is_checked_before_anything_else(operation):
    actual = decide(LIVING, write(operation, if_match="v1"), nobody)

    assert code(actual) == "precondition-failed"


def test_a_version_that_matches_leaves_the_other_rules_in_force():
    actual = decide(LIVING, write("delete", was={}, if_match="v2"), nobody)

    assert code(actual) == "conflict"


def test_what_is_decided_on_is_not_changed():
    before = dict(ANA)

    decide(LIVING, write("update", {"notes": "x"}), nobody)

    assert before == LIVING.fields
