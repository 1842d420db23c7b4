"""The ids of clients and writes: UUIDs (RFC 9562) in canonical lower case."""

import re

from clientela.errors import ClientelaError

_FORM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# RFC 9562: the digit after the second dash is the version, the next group begins with variant 10.
_NEW_FORM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

# The same for documentation, in the regular expressions of JSON Schema.
_HEX = "[0-9A-Fa-f]"
ID_PATTERN = f"^{_HEX}{{8}}(-{_HEX}{{4}}){{3}}-{_HEX}{{12}}$"
NEW_ID_PATTERN = f"^{_HEX}{{8}}-{_HEX}{{4}}-[47]{_HEX}{{3}}-[89ABab]{_HEX}{{3}}-{_HEX}{{12}}$"

_NIL = "00000000-0000-0000-0000-000000000000"
_MAX = "ffffffff-ffff-ffff-ffff-ffffffffffff"
UUID_OF_ITS_OWN = {"pattern": ID_PATTERN, "not": {"enum": [_NIL, _MAX]}}


def parse_client_id(text: str) -> str:
    """Give the canonical form of any UUID of 36 characters, for reading.

    Raises ClientelaError (``malformed``).
    """
    lowered = text.lower() if text.isascii() else ""
    if not _FORM.fullmatch(lowered):
        raise ClientelaError(
            "malformed", "An id is a UUID like 0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c11."
        )
    return lowered


def check_new_id(text: str) -> str:
    """Give the canonical form of an id that a writer made for a new client: UUID version 7 or 4.

    Version 7 is recommended: ids in the order of creation keep lists in that order and the
    database's pages together. Version 4 is taken because an ``Idempotency-Key`` may become the id.
    Raises ClientelaError (``malformed``).
    """
    lowered = parse_client_id(text)
    if not _NEW_FORM.fullmatch(lowered):
        raise ClientelaError("malformed", "A new client's id is a UUID of version 7 (or 4).")
    return lowered


def parse_write_id(text: str) -> str:
    """Give the canonical form of a write's id: any UUID but nil and max, which many would share.

    Raises ClientelaError (``malformed``).
    """
    lowered = parse_client_id(text)
    if lowered in {_NIL, _MAX}:
        raise ClientelaError("malformed", "A write's id is a UUID of its own, not nil or max.")
    return lowered


def id_bytes(text: str) -> bytes:
    """Give the 16 bytes of an id in canonical form: how databases keep it."""
    return bytes.fromhex(text.replace("-", ""))


def id_text(key: bytes) -> str:
    """Give the canonical form of an id's 16 bytes."""
    digits = key.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
