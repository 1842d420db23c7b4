"""The plain forms of a write, POST, PATCH and DELETE, read into the one form that is decided."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import uuid_utils
from starlette.datastructures import Headers
from starlette.requests import Request

from clientela import limits
from clientela.clients.envelope import Envelope
from clientela.clients.ids import check_new_id, parse_write_id
from clientela.clients.model import FIELDS
from clientela.clients.writes import ParsedWrite, Receipt, judged
from clientela.errors import ClientelaError, FieldError
from clientela.feed.position import Position
from clientela.web.access import PRINCIPAL, Principal, Role
from clientela.web.tokens import is_token_name

_FACADE_FORM = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]+")  # a path that ends in .. is another one
FACADE_NAME_PATTERN = f"^(?!\\.{{1,2}}$)[A-Za-z0-9._-]{{1,{limits.NAME_OF_FACADE_CHARACTERS_MAX}}}$"


def write_id(headers: Headers) -> str:
    """Give the ``Idempotency-Key``, bare or a quoted structured-field string, or a new UUIDv7.

    Raises ClientelaError ``bad-header`` (400).
    """
    given = headers.get("idempotency-key")
    if given is None:
        return str(uuid_utils.uuid7())
    text = given[1:-1] if len(given) > 1 and given[0] == given[-1] == '"' else given
    try:
        return parse_write_id(text)
    except ClientelaError:
        raise _bad_header("Idempotency-Key", "it is a UUID of its own for each write") from None


def if_match(headers: Headers) -> str | None:
    """Give the version that the client must still have; None when any will do.

    A position, or at a facade the tag of a client with a write that waits: ``w-<write_id>``.
    """
    given = headers.get("if-match")
    if given is None or given == "*":
        return None
    quoted = re.fullmatch(r'"(w-[0-9a-f-]{36}|[0-9_]*)"', given)
    tag = quoted[1] if quoted else ""
    try:
        return tag if tag.startswith("w-") else str(Position.parse(tag))
    except ValueError:
        raise _bad_header("If-Match", "it is one ETag, as it was given, with its quotes") from None


def prefers(headers: Headers, returned: str) -> bool:
    """Tell whether the caller prefers this ``return`` (RFC 7240): representation or minimal."""
    given = headers.getlist("prefer")
    if not given:
        return False
    preferences = ",".join(given).lower().replace('"', "").split(",")
    return f"return={returned}" in [one.partition(";")[0].strip() for one in preferences]


class Origin(NamedTuple):
    """Where writes come from: whose they are, by which facade, and for which register.

    ``address`` is that of the connection: of a write that a facade passes on, the facade's.
    """

    actor: str | None = None
    facade: str | None = None
    register: str | None = None
    address: str | None = None


def origin_of(request: Request) -> Origin:
    """Tell where a request's writes come from; raises ClientelaError ``bad-header``.

    A facade and an admin write for others, whom ``Clientela-Actor`` names; everyone else writes for
    himself. Of a service that is open nobody is known.
    """
    headers = request.headers
    register = headers.get("clientela-register")
    named = facade_name(headers)
    address = request.client.host if request.client else None
    principal: Principal | None = request.scope.get(PRINCIPAL)
    if principal is None:
        return Origin(None, named, register, address)
    if principal.role is Role.FACADE:
        return Origin(_actor_name(headers), principal.name, register, address)
    if principal.role is Role.ADMIN:
        return Origin(_actor_name(headers) or principal.name, named, register, address)
    return Origin(principal.name, None, register, address)


def _actor_name(headers: Headers) -> str | None:
    given = headers.get("clientela-actor")
    if given is None or is_token_name(given):
        return given
    raise _bad_header("Clientela-Actor", "it is the name of a token")


def facade_name(headers: Headers) -> str | None:
    """Give the name of the facade that sends this, from ``Clientela-Facade``."""
    given = headers.get("clientela-facade")
    if given is None or is_facade_name(given):
        return given
    raise _bad_header("Clientela-Facade", "it has letters, digits, dots and dashes")


def is_facade_name(text: str) -> bool:
    """Tell whether a text can name a facade."""
    short = len(text) <= limits.NAME_OF_FACADE_CHARACTERS_MAX
    return short and _FACADE_FORM.fullmatch(text) is not None


def _bad_header(name: str, rule: str) -> ClientelaError:
    detail = f"The header {name} is wrong: {rule}."
    return ClientelaError("bad-header", detail, errors=[FieldError(name, "malformed", detail)])


def insert(body: Any, key: str, at: str) -> ParsedWrite:
    """Read the body of a POST; raises ClientelaError ``malformed`` (400) or ``invalid`` (422)."""
    fields = _object(body)
    given = fields.pop("id", None)
    client_id = _id_from_key(key) if given is None else _new_id(given)
    return _checked(Envelope(key, "insert", client_id, fields, {}, at, None, []))


def update(body: Any, seen: Mapping[str, Any], key: str, at: str, match: str | None) -> ParsedWrite:
    """Read the body of a PATCH (RFC 7396); ``seen`` is the client as this service shows it."""
    fields = _object(body)
    was = {field: seen.get(field) for field in FIELDS if field in fields}
    return _checked(Envelope(key, "update", seen["id"], fields, was, at, match, []))


def delete(seen: Mapping[str, Any], key: str, at: str, match: str | None) -> ParsedWrite:
    """Make the write of a DELETE; ``seen`` is the client as this service shows it."""
    was = {field: seen.get(field) for field in FIELDS}
    return _checked(Envelope(key, "delete", seen["id"], {}, was, at, match, []))


def _object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise ClientelaError("malformed", 'Send one client as an object, like {"name": "Ana"}.')
    return dict(body)


def _id_from_key(key: str) -> str:
    """Take the key as the client's id, so that the same POST again is the same client."""
    try:
        return check_new_id(key)
    except ClientelaError:
        rule = "give the client an id, or a key that can be one: a UUID of version 7 or 4"
        raise _bad_header("Idempotency-Key", rule) from None


def _new_id(given: Any) -> str:
    try:
        return check_new_id(given if isinstance(given, str) else "")
    except ClientelaError as error:
        raise invalid([FieldError("id", "uuid-format", error.detail)]) from None


def _checked(envelope: Envelope) -> ParsedWrite:
    """Refuse what is invalid at once: nothing is stored, and the key can be used again."""
    parsed = judged(envelope)
    if parsed.errors:
        raise invalid(list(parsed.errors))
    return parsed


def invalid(errors: list[FieldError]) -> ClientelaError:
    """Make the error that names every invalid field."""
    named = "; ".join(f"{error.field}: {error.detail}" for error in errors)
    return ClientelaError("invalid", named, errors=errors)


def refusal(receipt: Receipt) -> ClientelaError:
    """Make the error that tells why a write was refused."""
    reason = receipt.reason
    if reason is None:
        return ClientelaError("internal", "The write was refused without a reason.")
    members: dict[str, Any] = {}
    if reason.conflicts:
        members["conflicts"] = reason.conflicts
    if reason.holder:
        members["holder"] = reason.holder
    return ClientelaError(reason.code, reason.detail, errors=reason.errors or (), members=members)
