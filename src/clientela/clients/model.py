"""What a client is: the stored shape, and the one way in for its fields."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from clientela import limits
from clientela.clients import formats
from clientela.clients.ids import NEW_ID_PATTERN, check_new_id, parse_client_id
from clientela.errors import FieldError

__all__ = [
    "FIELDS",
    "Client",
    "ClientPatch",
    "Fields",
    "NewClient",
    "check_new_id",
    "normalise",
    "parse_client_id",
    "shown_name",
]

FIELDS: tuple[str, ...] = ("name", "email", "phone", "document", "notes")
Fields = Mapping[str, str | None]

_Id = Annotated[
    str,
    Meta(
        description="UUID (RFC 9562) in lower case, made by whoever creates the client; version 7.",
        examples=["0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c11"],
        extra_json_schema={"pattern": NEW_ID_PATTERN},
    ),
]
_Name = Annotated[
    str, Meta(description="Name of the person or company.", examples=["Padaria Estrela Ltda"])
]
_Email = Annotated[
    str | None,
    Meta(description="E-mail address, its domain in lower case.", examples=["ana@example.com"]),
]
_Phone = Annotated[
    str | None,
    Meta(
        description="Phone number in E.164; one without a country code is read as Brazilian.",
        examples=["+5511987654321"],
    ),
]
_Document = Annotated[
    str | None,
    Meta(
        description="CPF or CNPJ (the alphanumeric one too) without punctuation; "
        "unique among living clients.",
        examples=["39053344705", "12ABC34501DE35"],
    ),
]
_Notes = Annotated[
    str | None, Meta(description="Free text of several lines.", examples=["Prefers the morning."])
]
_Time = Annotated[
    str | None,
    Meta(
        description="RFC 3339, UTC, microseconds; set by the server when it accepts a write.",
        examples=["2026-07-01T12:00:00.000000Z"],
    ),
]
_Version = Annotated[
    str | None,
    Meta(
        description="Position in the register of the client's last change.",
        examples=["0000000001_00000000000000000042"],
    ),
]


class Client(msgspec.Struct, frozen=True):
    """A client as it is stored and shown: ``msgspec.json.encode`` gives the exact stored bytes."""

    id: _Id
    name: _Name
    email: _Email = None
    phone: _Phone = None
    document: _Document = None
    notes: _Notes = None
    created_at: _Time = None
    updated_at: _Time = None
    version: _Version = None

    def fields(self) -> dict[str, str | None]:
        """Give what writers can change, in the order of ``FIELDS``."""
        return {
            "name": self.name,
            "email": self.email,
            "phone": self.phone,
            "document": self.document,
            "notes": self.notes,
        }


class NewClient(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a POST, for documentation; ``normalise`` is what judges it."""

    name: _Name
    id: _Id | None = None
    email: _Email = None
    phone: _Phone = None
    document: _Document = None
    notes: _Notes = None


class ClientPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a PATCH (RFC 7396), for documentation: absent is kept, null is removed."""

    name: _Name | msgspec.UnsetType = msgspec.UNSET
    email: _Email | msgspec.UnsetType = msgspec.UNSET
    phone: _Phone | msgspec.UnsetType = msgspec.UNSET
    document: _Document | msgspec.UnsetType = msgspec.UNSET
    notes: _Notes | msgspec.UnsetType = msgspec.UNSET


_CHARACTERS_MAX = {
    "name": limits.NAME_CHARACTERS_MAX,
    "email": limits.EMAIL_CHARACTERS_MAX,
    "phone": limits.PHONE_CHARACTERS_MAX,
    "document": limits.DOCUMENT_CHARACTERS_MAX,
    "notes": limits.NOTES_CHARACTERS_MAX,
}
_FORMATS: dict[str, Callable[[str], str]] = {
    "email": formats.email,
    "phone": formats.phone,
    "document": formats.document,
}
_SET_BY_THE_SERVER = frozenset({"id", "created_at", "updated_at", "version"})
_SURROGATES = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROLS_IN_NOTES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_UNKNOWN_NAME_CHARACTERS_MAX = 64  # an error repeats an unknown field's name only up to here


def normalise(
    values: Mapping[str, Any], *, partial: bool
) -> tuple[dict[str, str | None], list[FieldError]]:
    """Check and normalise the fields of a client: trimmed, NFC, in their formats, empty as null.

    ``partial`` looks only at the fields given; otherwise every field of ``FIELDS`` is in the
    answer, absent ones as null. A field with an error is left out of the answer. Never raises:
    all errors come back, in the order of ``FIELDS``, unknown fields last.
    """
    normal: dict[str, str | None] = {}
    errors: list[FieldError] = []
    for field in FIELDS:
        if partial and field not in values:
            continue
        try:
            normal[field] = _field(field, values.get(field))
        except formats.FormatError as error:
            errors.append(FieldError(field, error.code, error.detail))
    errors.extend(_unknown(field) for field in values if field not in FIELDS)
    return normal, errors


def _field(field: str, value: object) -> str | None:
    """Normalise one field; raises FormatError."""
    if value is None:
        if field == "name":
            raise formats.FormatError("required", "Give the client a name.")
        return None
    if not isinstance(value, str):
        raise formats.FormatError("type", "Send a text in quotes, or null to leave it empty.")
    text = _text(field, value)
    # A name of invisible characters alone would be an empty line on every screen.
    if field == "name" and not any(c.isprintable() and not c.isspace() for c in text):
        raise formats.FormatError("name-blank", "Write a name; spaces alone are not one.")
    if not text:
        return None
    return _FORMATS[field](text) if field in _FORMATS else text


def _text(field: str, value: str) -> str:
    """Trim, check and compose a text; raises FormatError."""
    text = value.strip()
    _check_length(field, text)  # before anything that costs more than reading the text
    if text.isascii() and text.isprintable():
        return text  # nothing below changes or refuses it
    if field == "notes":
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    controls = _CONTROLS_IN_NOTES if field == "notes" else _CONTROLS
    if _SURROGATES.search(text) or controls.search(text):
        raise formats.FormatError(
            "control-character",
            "Remove the invisible control characters; type the text again if it was pasted.",
        )
    text = _composed(text).strip()
    _check_length(field, text)  # a few letters become longer when they are composed
    return text


def _check_length(field: str, text: str) -> None:
    characters_max = _CHARACTERS_MAX[field]
    if len(text) > characters_max:
        raise formats.FormatError(
            "too-long", f"Shorten it to {characters_max:,} characters; it has {len(text):,}."
        )


def _composed(text: str) -> str:
    """Give the NFC form; raises FormatError for what only an attack would send."""
    if unicodedata.is_normalized("NFC", text):
        return text
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run > limits.COMBINING_MARKS_MAX:
            raise formats.FormatError("too-long", "Remove the accents that pile up on one letter.")
    return unicodedata.normalize("NFC", text)


def shown_name(name: str) -> str:
    """Give an unknown field's name so that an error can hold it: short, and valid Unicode."""
    return name[:_UNKNOWN_NAME_CHARACTERS_MAX].encode("utf-8", "replace").decode()


def _unknown(field: str) -> FieldError:
    detail = (
        "Leave it out: it can't be set here."
        if field in _SET_BY_THE_SERVER
        else f"Leave it out; the fields are {', '.join(FIELDS)}."
    )
    return FieldError(shown_name(field), "unknown-field", detail)
