"""Writes and their receipts: what is asked of the register, and what it answered."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple, cast

import msgspec

from clientela import limits
from clientela.clients.envelope import POSITION_PATTERN, TIME_PATTERN, Envelope, read_envelope
from clientela.clients.ids import NEW_ID_PATTERN, UUID_OF_ITS_OWN
from clientela.clients.model import FIELDS, Fields, normalise
from clientela.errors import FieldError

Operation = Literal["insert", "update", "delete"]
Outcome = Literal["accepted", "refused", "pending"]
_Set = Annotated[
    dict[str, Any],
    msgspec.Meta(
        description=f"Fields to set, null to remove one: {', '.join(FIELDS)}.",
        extra_json_schema={
            "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "examples": [{"name": "Padaria Estrela Ltda", "phone": "+5511987654321"}],
        },
    ),
]


_WriteId = Annotated[str, msgspec.Meta(extra_json_schema=UUID_OF_ITS_OWN)]
_Seen = Annotated[
    dict[str, str | None],
    msgspec.Meta(extra_json_schema={"propertyNames": {"enum": list(FIELDS)}}),
]
_Position = Annotated[str, msgspec.Meta(extra_json_schema={"pattern": POSITION_PATTERN})]
_WritersTime = Annotated[str, msgspec.Meta(extra_json_schema={"pattern": TIME_PATTERN})]


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """One change that a writer asks for.

    ``set`` is normalised: every field for an insert, the touched ones for an update, null for a
    removed one; in an invalid write the fields in error are as they were sent. ``was`` is what the
    writer had seen (absent is null). ``at`` is the writer's own time, RFC 3339. ``if_match`` is the
    position that the whole client must still have. ``depends_on`` names writes sent before: with
    one of them refused, this one is refused too.
    """

    write_id: _WriteId
    operation: Operation
    client_id: Annotated[str, msgspec.Meta(extra_json_schema={"pattern": NEW_ID_PATTERN})]
    set: _Set
    was: _Seen
    at: _WritersTime | None = None
    if_match: _Position | None = None
    depends_on: Annotated[
        list[_WriteId],
        msgspec.Meta(extra_json_schema={"maxItems": limits.WRITE_DEPENDENCIES_MAX}),
    ] = []


class ParsedWrite(NamedTuple):
    """A write with what is wrong with its fields: with any error it is to be refused as invalid."""

    write: Write
    errors: tuple[FieldError, ...]


class Conflict(msgspec.Struct, frozen=True):
    """A field that was changed meanwhile: the writer's value and the register's."""

    field: str
    yours: str | None
    theirs: str | None


class Reason(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a write was refused: a code, words for people, and what belongs to the code.

    ``errors`` to invalid, ``conflicts`` to conflict, ``holder`` (a client's id) to
    duplicate-document.
    """

    code: str
    detail: str
    errors: list[FieldError] | None = None
    conflicts: list[Conflict] | None = None
    holder: str | None = None


class Receipt(msgspec.Struct, frozen=True):
    """The register's answer to a write, given once and for ever.

    ``at`` is the writer's own time; ``version`` the position at which the write holds.
    """

    write_id: str
    client_id: str
    operation: Operation
    outcome: Outcome
    version: str | None = None
    reason: Reason | None = None
    at: str | None = None
    facade: str | None = None
    actor: str | None = None


def parse_write(raw: Any, *, index: int | None = None) -> ParsedWrite:
    """Read one write from JSON; ``index`` is its place in a batch, for the names in errors.

    Absent and null are the same for every member but the ids and the operation. Raises
    ClientelaError (``malformed``) with every fault of the envelope. Faults of the fields to set do
    not raise: such a write gets a receipt, too.
    """
    return judged(read_envelope(raw, prefix="" if index is None else f"[{index}]."))


def judged(envelope: Envelope) -> ParsedWrite:
    """Judge the fields to set of a write whose envelope is right."""
    # The set of a delete is empty by now, and so is what normalise makes of it.
    values, errors = normalise(envelope.set, partial=envelope.operation != "insert")
    write = Write(
        write_id=envelope.write_id,
        operation=cast("Operation", envelope.operation),
        client_id=envelope.client_id,
        set=_kept(envelope.set, values) if errors else values,
        was=envelope.was,
        at=envelope.at,
        if_match=envelope.if_match,
        depends_on=envelope.depends_on,
    )
    return ParsedWrite(write, tuple(errors))


def same_content(a: Write, b: Write) -> bool:
    """Tell whether two writes ask for the same: a ``write_id`` names the intention.

    That is the operation, the client, what to set and the position to match. What the writer had
    seen (``was``) does not count, and neither does its time: a PATCH or DELETE that is repeated
    because its answer was lost reads ``was`` anew, after its own first success.
    """
    asked = (a.operation, a.client_id, a.if_match) == (b.operation, b.client_id, b.if_match)
    return asked and _same_set(a, b)


def same_fields(a: Fields, b: Fields) -> bool:
    """Tell whether two sets of fields are equal, absent and null being the same."""
    return all(a.get(field) == b.get(field) for field in FIELDS)


def _same_set(a: Write, b: Write) -> bool:
    # In an update null removes a field and absent leaves it: only there they differ.
    return a.set == b.set if a.operation == "update" else _given(a.set) == _given(b.set)


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {field: value for field, value in values.items() if value is not None}


def _kept(sent: Mapping[str, Any], normal: Fields) -> dict[str, Any]:
    """Give the content of an invalid write: normalised where it is valid, else as it was sent."""
    rest = {field: value for field, value in sent.items() if field not in normal}
    # Lone surrogates can't be stored or sent again; everything else is kept.
    text = json.dumps(rest, ensure_ascii=False).encode("utf-8", "replace")
    return {**normal, **json.loads(text)}
