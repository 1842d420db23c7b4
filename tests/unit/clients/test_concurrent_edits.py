"""Two branches edit one client that both have seen."""

from hypothesis import given
from hypothesis import strategies as st

from clientela.clients.decide import Accepted, Living, Refused, decide
from clientela.clients.model import FIELDS
from clientela.clients.writes import Write

texts = st.sampled_from(["a", "b", "c"])
values = st.none() | texts
contents = st.fixed_dictionaries({f: texts if f == "name" else values for f in FIELDS})
touched = st.fixed_dictionaries({}, optional={f: texts if f == "name" else values for f in FIELDS})


def nobody(_document):
    return None


def update(write_id, to_set, was):
    return Write(write_id=write_id, operation="update", client_id="ana", set=to_set, was=was)


def in_order(fields, edits):
    for edit in edits:
        decision = decide(Living(fields, "v1"), edit, nobody)
        fields = decision.fields if isinstance(decision, Accepted) else fields
    return fields


@given(contents, touched, st.lists(st.sampled_from(["first", "second"]), min_size=5, max_size=5))
def test_edits_of_different_fields_both_succeed_in_either_order(start, asked, owners):
    owner = dict(zip(FIELDS, owners, strict=True))
    edits = [
        update(side, {f: value for f, value in asked.items() if owner[f] == side}, start)
        for side in ("first", "second")
    ]

    ends = [in_order(start, order) for order in (edits, edits[::-1])]

    assert ends == [{**start, **asked}] * 2


@given(contents, texts, texts, st.sampled_from(FIELDS))
def test_edits_of_one_field_never_overwrite_each_other_silently(start, mine, yours, edited):
    held = in_order(start, [update("first", {edited: mine}, start)])

    decision = decide(Living(held, "v2"), update("second", {edited: yours}, start), nobody)

    overwrites = held[edited] not in {start[edited], yours}
    assert isinstance(decision, Refused) == overwrites
    assert not overwrites or decision.reason.code == "conflict"
