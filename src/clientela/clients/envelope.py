"""The envelope of a write: its members, read from JSON with all their faults told at once."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, NoReturn

from clientela import limits
from clientela.clients.ids import check_new_id, parse_client_id, parse_write_id
from clientela.clients.model import FIELDS, shown_name
from clientela.errors import ClientelaError, FieldError

_OPERATIONS = ("insert", "update", "delete")
_MEMBERS = ("write_id", "operation", "client_id", "set", "was", "at", "if_match", "depends_on")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_POSITION = re.compile(r"[0-9]{10}_[0-9]{20}")
# The same for documentation; the days of months are told by no pattern.
POSITION_PATTERN = f"^{_POSITION.pattern}$"
TIME_PATTERN = (
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
    r"[Tt]([01][0-9]|2[0-3])(:[0-5][0-9]){2}(\.[0-9]{1,9})?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)


class Envelope(NamedTuple):
    """A write whose members have the right forms; the fields of ``set`` are not judged yet."""

    write_id: str
    operation: str
    client_id: str
    set: dict[str, Any]
    was: dict[str, str | None]
    at: str | None
    if_match: str | None
    depends_on: list[str]


def read_envelope(raw: Any, *, prefix: str) -> Envelope:
    """Read the members of a write; ``prefix`` goes before their names in errors.

    Raises ClientelaError (``malformed``).
    """
    if not isinstance(raw, dict):
        error = FieldError(prefix.removesuffix("."), "type", "A write is an object.")
        raise _malformed([error])
    reader = _Reader(raw, prefix)
    operation = reader.text("operation", _operation, required=True)
    new = operation == "insert"
    envelope = Envelope(
        write_id=reader.text("write_id", parse_write_id, required=True) or "",
        operation=operation or "",
        client_id=reader.text("client_id", check_new_id if new else parse_client_id, required=True)
        or "",
        set=reader.fields("set", empty=operation == "delete"),
        was=reader.seen(empty=new),
        at=reader.text("at", _time),
        if_match=reader.text("if_match", _no_position if new else _position),
        depends_on=reader.ids("depends_on"),
    )
    reader.refuse_unknown()
    if reader.errors:
        raise _malformed(reader.errors)
    return envelope


class _Reader:
    """Reads members one by one, collecting what is wrong with them."""

    def __init__(self, raw: Mapping[str, Any], prefix: str) -> None:
        self.raw = raw
        self.prefix = prefix
        self.errors: list[FieldError] = []

    def fault(self, member: str, code: str, detail: str) -> None:
        self.errors.append(FieldError(self.prefix + shown_name(member), code, detail))

    def text(
        self, member: str, check: Callable[[str], str], *, required: bool = False
    ) -> str | None:
        """Read a text through ``check``, which raises ClientelaError (``malformed``)."""
        value = self.raw.get(member)
        if value is None:
            if required:
                self.fault(member, "required", f"A write has a member {member}.")
            return None
        if not isinstance(value, str):
            self.fault(member, "type", "Send a text in quotes.")
            return None
        try:
            return check(value)
        except ClientelaError as error:
            self.fault(member, "format", error.detail)
            return None

    def fields(self, member: str, *, empty: bool) -> dict[str, Any]:
        value = self.raw.get(member)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.fault(member, "type", "Send an object with fields of a client.")
            return {}
        # In what was seen, null says no more than absent.
        given = value if member == "set" else [seen for seen in value.values() if seen is not None]
        if given and empty:
            self.fault(member, "not-empty", f"Leave {member} empty for this operation.")
        return value

    def seen(self, *, empty: bool) -> dict[str, str | None]:
        was = self.fields("was", empty=empty)
        for field, value in was.items():
            if field not in FIELDS:
                detail = f"Leave it out; the fields are {', '.join(FIELDS)}."
                self.fault(f"was.{field}", "unknown-field", detail)
            elif value is not None and not _is_text(value):
                self.fault(f"was.{field}", "type", "Send the text that was seen, or null.")
        return was

    def ids(self, member: str) -> list[str]:
        value = self.raw.get(member)
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > limits.WRITE_DEPENDENCIES_MAX:
            bound = limits.WRITE_DEPENDENCIES_MAX
            self.fault(member, "type", f"Send an array of at most {bound} ids of writes.")
            return []
        try:
            return [parse_write_id(text if isinstance(text, str) else "") for text in value]
        except ClientelaError as error:
            self.fault(member, "format", error.detail)
            return []

    def refuse_unknown(self) -> None:
        for member in self.raw:
            if member not in _MEMBERS:
                detail = f"Leave it out; the members are {', '.join(_MEMBERS)}."
                self.fault(member, "unknown-field", detail)


def _is_text(value: object) -> bool:
    """Tell whether a value is a text that can be stored: lone surrogates can't."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _operation(text: str) -> str:
    return text if text in _OPERATIONS else _refuse(f"Send one of {', '.join(_OPERATIONS)}.")


def _position(text: str) -> str:
    form = "A position is 10 digits, an underscore and 20 digits."
    return text if _POSITION.fullmatch(text) else _refuse(form)


def _no_position(_text: str) -> str:
    _refuse("Leave it out: a new client has no version to match.")


def _time(text: str) -> str:
    """Check the form and that the moment exists; the text stays as the writer sent it."""
    form = "Write RFC 3339 with an offset, like 2026-07-01T12:00:00Z."
    if not _TIME.fullmatch(text):
        _refuse(form)
    try:
        datetime.fromisoformat(text.upper())
    except ValueError:
        _refuse(form)
    return text


def _refuse(detail: str) -> NoReturn:
    raise ClientelaError("malformed", detail) from None


def _malformed(errors: list[FieldError]) -> ClientelaError:
    first = errors[0]
    detail = f"This is not a write. {first.field} {first.detail}".replace("  ", " ")
    return ClientelaError("malformed", detail, errors=errors)
