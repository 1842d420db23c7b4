"""The formats of e-mail addresses, phone numbers and documents, judged by well-kept libraries.

Callers bound the length first (``clientela.limits``): all the libraries here are CPU-bound.
"""

import re
from collections.abc import Callable

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from stdnum.br import cnpj, cpf
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.util import clean

from clientela.clients import common_forms

_PLUSES = "+\uff0b"  # keyboards for Asian scripts type the wide one
_DASHES = "\\-\u2010-\u2015"
_PHONE_FORM = re.compile(rf"[{_PLUSES}]?[\d\s().{_DASHES}/]+")
_CPF_FORM = re.compile(r"[0-9]{11}")
_CNPJ_FORM = re.compile(r"[0-9A-Z]{12}[0-9]{2}")


class FormatError(ValueError):
    """A text that is not in its format: a code for programs, a detail that says the fix."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def email(text: str) -> str:
    """Give the address with its domain in lower case; nothing is asked of the network.

    Raises FormatError (``email-format``).
    """
    common = common_forms.email(text)
    if common is not None:
        return common
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise FormatError(
            "email-format", f"Write an address like ana@example.com. {error}"
        ) from None


def phone(text: str) -> str:
    """Give the number in E.164; without a country code it is read as Brazilian.

    Letters and extensions are refused, since E.164 would drop them without a word.
    Raises FormatError (``phone-format``).
    """
    common = common_forms.phone(text)
    if common is not None:
        return common
    if not _PHONE_FORM.fullmatch(text):
        raise FormatError(
            "phone-format",
            "Use digits, spaces and + ( ) - . / only; an extension goes to the notes.",
        )
    try:
        number = phonenumbers.parse(text, "BR")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise FormatError(
            "phone-format",
            "Write one number with its area code, like (11) 98765-4321; "
            "begin with + and the country code outside Brazil.",
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def document(text: str) -> str:
    """Give a CPF or CNPJ without punctuation, letters in upper case, check digits verified.

    The alphanumeric CNPJ (Instrução Normativa RFB 2.229/2024, in force since July 2026) is read by
    python-stdnum from version 2.2 on. Raises FormatError (``document-format``,
    ``document-check-digits``).
    """
    common = common_forms.document(text)
    if common is not None:
        return common
    compact = clean(text, " -./\u00a0").strip()
    # ASCII first: the upper case of U+017F is "S", which would make a valid number of a wrong one.
    number = compact.upper() if compact.isascii() else ""
    if _CPF_FORM.fullmatch(number):
        return _cpf(number)
    if _CNPJ_FORM.fullmatch(number):
        return _checked(cnpj.validate, number)
    raise FormatError(
        "document-format",
        "Write a CPF of 11 digits or a CNPJ of 14 characters, with or without punctuation.",
    )


def _cpf(number: str) -> str:
    # Their check digits are right, but the Receita Federal never issues them.
    if number == number[0] * 11:
        raise FormatError("document-check-digits", "A CPF of one repeated digit is never issued.")
    return _checked(cpf.validate, number)


def _checked(validate: Callable[[str], str], number: str) -> str:
    try:
        return validate(number)
    except InvalidChecksum:
        raise FormatError(
            "document-check-digits",
            "The check digits do not fit: compare the number with the document, digit by digit.",
        ) from None
    except ValidationError:
        raise FormatError("document-format", "No such number is ever issued.") from None
