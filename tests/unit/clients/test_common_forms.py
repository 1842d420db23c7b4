"""What is accepted at a glance the libraries accept, too, with the same normal form."""

import random
import string
from collections.abc import Callable, Iterator

import pytest
from email_validator import SPECIAL_USE_DOMAIN_NAMES
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneMetadata

from clientela.clients import common_forms, formats

AT_LEAST = 1_000  # of each generator's cases the glance must take: else nothing was compared


@pytest.fixture
def judged(monkeypatch) -> Callable[[str, str], str | None]:
    """Give the libraries' own verdict: the normal form, None for what they refuse."""
    for kind in ("email", "phone", "document"):
        monkeypatch.setattr(common_forms, kind, lambda _text: None)

    def judge(kind: str, text: str) -> str | None:
        try:
            return getattr(formats, kind)(text)
        except formats.FormatError:
            return None

    return judge


def _compare(judge: Callable[[str, str], str | None], kind: str, texts: Iterator[str]) -> None:
    glance = GLANCES[kind]
    taken = 0
    for text in texts:
        found = glance(text)
        if found is not None:
            taken += 1
            assert judge(kind, text) == found, text

    assert taken >= AT_LEAST


GLANCES = {kind: getattr(common_forms, kind) for kind in ("email", "phone", "document")}


def _numbers() -> Iterator[str]:
    """Every area with every beginning of a number, in every length around the right ones."""
    chance = random.Random(1)  # noqa: S311 - replays from its seed
    for beginning in range(10_000):
        for length in (9, 10, 11, 12):
            rest = chance.randrange(10 ** (length - 4))
            yield f"{beginning:04d}{rest:0{length - 4}d}"


def _spellings(number: str, chance: random.Random) -> Iterator[str]:
    area, rest = number[:2], number[2:]
    dash = rest[:-4] + chance.choice("- ") + rest[-4:]
    yield number
    yield chance.choice([f"({area}) {dash}", f"{area} {dash}", f"({area}){rest}", f"{area} {rest}"])
    yield "+55" + number
    yield f"+55 ({area}) {dash}"
    yield chance.choice(["0", "055", "55", "+5", "+", "+550", "+55  "]) + number


def test_phone_numbers(judged):
    chance = random.Random(2)  # noqa: S311 - replays from its seed

    _compare(judged, "phone", (s for n in _numbers() for s in _spellings(n, chance)))


def test_the_kinds_of_phone_numbers_have_the_lengths_that_their_patterns_have():
    metadata = PhoneMetadata.metadata_for_region("BR")

    assert metadata.fixed_line.possible_length == (10,)
    assert set(metadata.mobile.possible_length) == {10, 11}


def _labels(chance: random.Random) -> str:
    alphabet = string.ascii_lowercase * 3 + string.digits * 2 + "--." + chance.choice("_A+é @")
    return "".join(chance.choice(alphabet) for _ in range(chance.randint(1, 12)))


def _addresses() -> Iterator[str]:
    chance = random.Random(3)  # noqa: S311 - replays from its seed
    ends = ["com", "com.br", "br", "c", "b2", "2b", "x-y", "museum", *SPECIAL_USE_DOMAIN_NAMES]
    for _ in range(40_000):
        mailbox = "".join(
            chance.choice(string.ascii_lowercase + string.digits + "._+-") for _ in range(6)
        )
        mailbox = chance.choice([mailbox, "ana", "info", "Ana", "a..b", ".a", "a.", "a" * 70])
        domain = chance.choice([_labels(chance), "loja", "a" * 63, "xn--a", "ab--c"])
        yield f"{mailbox}@{domain}.{chance.choice(ends)}"
    for reserved in SPECIAL_USE_DOMAIN_NAMES:
        yield from (f"ana@{reserved}", f"ana@loja.{reserved}", f"ana@{reserved}.com")
    yield from ("ana@loja.com\n", " ana@loja.com", "ana@loja.com.", "ana@", "@loja.com", "ana@com")


def test_addresses(judged):
    _compare(judged, "email", _addresses())


def test_no_address_is_lowered_that_the_library_leaves_as_it_is():
    assert common_forms.email("Info@loja.com") is None
    assert common_forms.email("ana@Loja.com") is None


def _documents(length: int, alphabet: str) -> Iterator[str]:
    """Random ones with all their possible check digits, and each with one character replaced."""
    chance = random.Random(4)  # noqa: S311 - replays from its seed
    for _ in range(1_500):
        body = "".join(chance.choice(alphabet) for _ in range(length))
        for digits in range(100):
            number = f"{body}{digits:02d}"
            yield number
        place = chance.randrange(len(number))
        yield number[:place] + chance.choice(string.printable) + number[place + 1 :]


def _punctuated(number: str) -> str:
    if len(number) == 11:
        return f"{number[:3]}.{number[3:6]}.{number[6:9]}-{number[9:]}"
    return f"{number[:2]}.{number[2:5]}.{number[5:8]}/{number[8:12]}-{number[12:]}"


@pytest.mark.parametrize(
    ("length", "alphabet"),
    [
        (9, string.digits),
        (12, string.digits),
        (12, string.digits + string.ascii_uppercase),
    ],
)
def test_documents(judged, length, alphabet):
    found = _documents(length, alphabet)

    _compare(judged, "document", (spelt for n in found for spelt in (n, _punctuated(n))))


@pytest.mark.parametrize("length", [9, 12])
def test_every_digit_counts_as_the_library_counts_it(judged, length):
    """Check digits are sums modulo 11: whoever is right digit by digit is right."""
    for place in range(length):
        for digit in string.digits:
            body = "1" * place + digit + "7" * (length - place - 1)
            verdicts = {
                number: GLANCES["document"](number)
                for number in (f"{body}{check:02d}" for check in range(100))
            }

            assert verdicts == {number: judged("document", number) for number in verdicts}


@pytest.mark.parametrize("digit", string.digits)
@pytest.mark.parametrize("length", [11, 14])
def test_a_repeated_digit_is_no_document_at_a_glance_where_the_library_says_so(
    judged, digit, length
):
    number = digit * length

    assert GLANCES["document"](number) in (None, judged("document", number))


@given(
    st.sampled_from(sorted(GLANCES)),
    st.text(max_size=40) | st.text("0123456789+-(). /@abA\u0660\uff11", max_size=24),
)
def test_whatever_is_sent_is_taken_at_a_glance_only_if_the_library_takes_it(kind, text):
    found = GLANCES[kind](text)
    if found is None:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(common_forms, kind, lambda _text: None)
        expected = getattr(formats, kind)(text)

    assert found == expected
