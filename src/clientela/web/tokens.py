"""The text of a token: made once, shown once, and recognised wherever it turns up.

``clientela_<id>_<secret><checksum>``: an id of 8 letters and digits, 256 random bits as 43 digits
of base 62, and the CRC-32 of all before it as 6. A scanner for leaked secrets needs no more than
the prefix and the checksum to be sure of what it found.
"""

import hashlib
import re
import secrets
import string
import zlib

from clientela import limits
from clientela.errors import ClientelaError, FieldError
from clientela.storage.tokens import StoredToken
from clientela.web.access import Role

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_ID_ALPHABET = string.digits + string.ascii_lowercase
_ID_CHARACTERS, _SECRET_DIGITS, _CHECK_DIGITS = 8, 43, 6
_SECRET_BITS = 256
_FORM = re.compile(r"(clientela_([0-9a-z]{8})_[0-9A-Za-z]{43})([0-9A-Za-z]{6})")
_NAME = re.compile(r"[A-Za-z0-9._@-]+")


def mint(role: Role, name: str, now_s: float, lasts_s: int | None) -> tuple[str, StoredToken]:
    """Make a token that lasts so many seconds; gives its text, and what is kept of it.

    A facade's token has the name of the facade. Raises ClientelaError ``invalid`` for a name that
    can't stand in a header, or in a list of people.
    """
    if not is_token_name(name):
        detail = "A token's name has letters, digits, dots, dashes and @, 64 at most: ana.souza."
        raise ClientelaError("invalid", detail, errors=[FieldError("name", "format", detail)])
    token_id = "".join(secrets.choice(_ID_ALPHABET) for _ in range(_ID_CHARACTERS))
    body = f"clientela_{token_id}_{_base62(secrets.randbits(_SECRET_BITS), _SECRET_DIGITS)}"
    text = body + _checksum(body)
    expires_s = None if lasts_s is None else int(now_s) + lasts_s
    return text, StoredToken(token_id, name, role, hash_of(text), int(now_s), expires_s)


def is_token_name(text: str) -> bool:
    """Tell whether a text can name a token."""
    short = len(text) <= limits.TOKEN_NAME_CHARACTERS_MAX
    return short and _NAME.fullmatch(text) is not None


def id_of(text: str) -> str | None:
    """Give the id that a token names; None for a text that is none, or was mistyped."""
    found = _FORM.fullmatch(text)
    return found[2] if found and _checksum(found[1]) == found[3] else None


def hash_of(text: str) -> bytes:
    """Give what is stored of a token: of 256 random bits a quick hash tells nothing."""
    return hashlib.sha256(text.encode()).digest()


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECK_DIGITS)


def _base62(number: int, digits: int) -> str:
    text = ""
    for _ in range(digits):
        number, digit = divmod(number, len(_DIGITS))
        text = _DIGITS[digit] + text
    return text
