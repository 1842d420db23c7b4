"""The formats of e-mail addresses, phone numbers and documents."""

import pytest

from clientela.clients.formats import FormatError, document, email, phone


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ana@example.com", "ana@example.com"),
        ("Ana.Silva+loja@EXAMPLE.Com", "Ana.Silva+loja@example.com"),
        ("joão@empresa.com.br", "joão@empresa.com.br"),
        ("ana@münchen.de", "ana@münchen.de"),
        ("ana@xn--mnchen-3ya.de", "ana@münchen.de"),
    ],
)
def test_an_email_keeps_its_mailbox_and_lowers_its_domain(text, expected):
    actual = email(text)

    assert actual == expected


@pytest.mark.parametrize(
    "text",
    ["ana", "ana@", "@example.com", "a..b@example.com", "ana@localhost", "ana@shop.invalid",
     "Ana <ana@example.com>", "ana@[127.0.0.1]", "ana@example.com, bia@example.com", "a b@x.com"],
)  # fmt: skip
def test_what_is_no_email_is_refused_with_the_fix(text):
    with pytest.raises(FormatError, match="Write an address like") as raised:
        email(text)

    assert raised.value.code == "email-format"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(11) 98765-4321", "+5511987654321"),
        ("11987654321", "+5511987654321"),
        ("+55 11 98765-4321", "+5511987654321"),
        ("011 3456.7890", "+551134567890"),
        ("0 15 11 98765-4321", "+5511987654321"),
        ("0800 123 4567", "+558001234567"),
        ("+1 415 555 0100", "+14155550100"),
        ("+351 912 345 678", "+351912345678"),
        ("11 98765\u20134321", "+5511987654321"),
    ],
)
def test_a_phone_is_stored_in_e164_and_brazilian_by_default(text, expected):
    actual = phone(text)

    assert actual == expected


@pytest.mark.parametrize(
    "text",
    ["123", "3456-7890", "+", "()", "+999 123 456 789", "11 98765-4321 ramal 12",
     "11 98765-4321#12", "0800-FLORES", "11 98765-4321 / 11 98765-4322", "11 1111-111111111",
     "tel", "99999999999999999"],
)  # fmt: skip
def test_what_is_no_single_phone_number_is_refused(text):
    with pytest.raises(FormatError) as raised:
        phone(text)

    assert raised.value.code == "phone-format"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("390.533.447-05", "39053344705"),
        ("39053344705", "39053344705"),
        (" 390 533 447 05 ", "39053344705"),
        ("16.727.230/0001-97", "16727230000197"),
        ("16727230000197", "16727230000197"),
        # The Receita Federal's own example of the alphanumeric CNPJ.
        ("12.ABC.345/01DE-35", "12ABC34501DE35"),
        ("12.abc.345/01de-35", "12ABC34501DE35"),
        ("390.533.447\u201305", "39053344705"),
    ],
)
def test_a_document_is_stored_without_punctuation(text, expected):
    actual = document(text)

    assert actual == expected


@pytest.mark.parametrize(
    "text",
    ["390.533.447-06", "16.727.230/0001-98", "12.ABC.345/01DE-36", "12.ABD.345/01DE-35",
     *(digit * 11 for digit in "0123456789")],
)  # fmt: skip
def test_a_document_with_wrong_check_digits_is_refused(text):
    with pytest.raises(FormatError) as raised:
        document(text)

    assert raised.value.code == "document-check-digits"


@pytest.mark.parametrize(
    "text",
    ["1", "3905334470", "390533447055", "12ABC34501DEAB", "00000000000000", "ABC.533.447-05",
     "390_533_447_05", "12ABC34501D\u017f35", "\u0663\u0669\u0660533447055", "-"],
)  # fmt: skip
def test_what_has_not_the_form_of_a_document_is_refused(text):
    with pytest.raises(FormatError) as raised:
        document(text)

    assert raised.value.code == "document-format"
