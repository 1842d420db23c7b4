"""What nearly every client has, judged at a glance: a plain address, a Brazilian phone, a document.

Each function gives the normal form, or None for whatever is not plainly right: that is for the
libraries to judge (``formats``). What is accepted here they accept too, with the same normal form;
generated cases prove it (tests/unit/clients/test_common_forms.py). The areas of phone numbers and
the reserved domains are the libraries' own, so that a newer version moves both.
"""

import re
from operator import mul

from email_validator import SPECIAL_USE_DOMAIN_NAMES
from phonenumbers import PhoneMetadata

# A name in lower case of one label's length at most, without two dashes in a row: nothing in it is
# to be lowered, composed or read as Punycode, and no label can be too long.
_EMAIL = re.compile(
    r"(?=.{1,63}\Z)[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*"
    r"@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}"
)
_RESERVED = tuple(edge + name for name in SPECIAL_USE_DOMAIN_NAMES for edge in "@.")

_PHONE = re.compile(
    r"(?:\+55 ?)?(?:\([0-9]{2}\)|[0-9]{2}) ?[0-9]{4,5}[- ]?[0-9]{4}"  # (11) 98765-4321
)
_PHONE_PUNCTUATION = str.maketrans("", "", "+()- ")

_CPF = re.compile(r"[0-9]{11}|[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}")
_CNPJ = re.compile(
    r"[0-9A-Z]{12}[0-9]{2}|[0-9A-Z]{2}\.[0-9A-Z]{3}\.[0-9A-Z]{3}/[0-9A-Z]{4}-[0-9]{2}"
)
_DOCUMENT_PUNCTUATION = str.maketrans("", "", ".-/")
_CPF_WEIGHTS = ((10, 9, 8, 7, 6, 5, 4, 3, 2), (11, 10, 9, 8, 7, 6, 5, 4, 3))
_CNPJ_WEIGHTS = (
    (5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2),
    (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3),
)
_ZERO = ord("0")


def _brazilian() -> re.Pattern[str]:
    """Give the pattern of mobile and landline numbers, from the library's own metadata."""
    metadata = PhoneMetadata.metadata_for_region("BR")
    assert metadata is not None  # noqa: S101 - it comes with the library
    general, fixed_line, mobile = (
        getattr(kind, "national_number_pattern", None) or "(?!)"  # none of this kind
        for kind in (metadata.general_desc, metadata.fixed_line, metadata.mobile)
    )
    return re.compile(rf"(?=(?:{general})\Z)(?:{fixed_line}|{mobile})", re.ASCII)


_BRAZILIAN = _brazilian()


def email(text: str) -> str | None:
    """Give a plain address in lower case as it is."""
    return text if _EMAIL.fullmatch(text) and not text.endswith(_RESERVED) else None


def phone(text: str) -> str | None:
    """Give a Brazilian number with its area code in E.164."""
    if not _PHONE.fullmatch(text):
        return None
    digits = text.translate(_PHONE_PUNCTUATION)
    number = digits[2:] if text[0] == "+" else digits
    return "+55" + number if _BRAZILIAN.fullmatch(number) else None


def document(text: str) -> str | None:
    """Give a CPF or CNPJ whose check digits fit without its punctuation."""
    if _CPF.fullmatch(text):
        number = text.translate(_DOCUMENT_PUNCTUATION)
        fits = number != number[0] * 11 and _fits(number, *_CPF_WEIGHTS)
    elif _CNPJ.fullmatch(text):
        number = text.translate(_DOCUMENT_PUNCTUATION)
        fits = not number.startswith("0" * 12) and _fits(number, *_CNPJ_WEIGHTS)
    else:
        return None
    return number if fits else None


def _fits(number: str, first: tuple[int, ...], second: tuple[int, ...]) -> bool:
    """Tell whether the last two digits are the check digits of what is before them.

    Each character counts as its distance from "0" (Instrução Normativa RFB 2.229/2024); the second
    digit covers the first one, too, with the weight 2.
    """
    values = [character - _ZERO for character in number.encode("ascii")]
    one: int = -sum(map(mul, values, first)) % 11 % 10
    two: int = -(sum(map(mul, values, second)) + 2 * one) % 11 % 10
    return (values[-2], values[-1]) == (one, two)
