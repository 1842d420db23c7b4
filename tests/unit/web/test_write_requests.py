"""Headers of writes."""

import pytest
from starlette.datastructures import Headers
from starlette.requests import Request

from clientela.errors import ClientelaError
from clientela.web.access import PRINCIPAL, Principal, Role
from clientela.web.bodies import parse_json
from clientela.web.write_requests import Origin, facade_name, origin_of, prefers


def headers(*values, name="prefer"):
    return Headers(raw=[(name.encode(), value.encode()) for value in values])


@pytest.mark.parametrize(
    "values",
    [
        ["return=minimal"],
        ["Return=Minimal"],
        ['return="minimal"'],
        ["respond-async, return=minimal"],
        ["return=minimal; x=1"],
        ["wait=5", "return=minimal"],
    ],
)
def test_a_preference_is_read_in_every_form_of_rfc_7240(values):
    assert prefers(headers(*values), "minimal")


@pytest.mark.parametrize(
    "values", [[], [""], ["return=representation"], ["x-return=minimal"], ["return=minimal2"]]
)
def test_nothing_else_is_that_preference(values):
    assert not prefers(headers(*values), "minimal")


@pytest.mark.parametrize("name", ["matriz", "filial-2", "a.b_c", "x" * 64])
def test_a_facade_names_itself(name):
    assert facade_name(headers(name, name="clientela-facade")) == name


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "a/b", "é"])
def test_a_wrong_name_of_a_facade_is_refused(name):
    with pytest.raises(ClientelaError) as raised:
        facade_name(headers(name, name="clientela-facade"))

    assert raised.value.code == "bad-header"


@pytest.mark.parametrize("nested", [b"[" * 16 + b"]" * 16, b'{"a":' * 16 + b"1" + b"}" * 16])
def test_a_body_of_sixteen_levels_is_taken(nested):
    assert parse_json(nested)


@pytest.mark.parametrize(
    "nested", [b"[" * 17 + b"]" * 17, b'{"a":' * 17 + b"1" + b"}" * 17, b"[" * 900 + b"]" * 900]
)
def test_a_body_of_more_levels_is_malformed(nested):
    with pytest.raises(ClientelaError, match="nested"):
        parse_json(nested)


def origin(role, **headers):
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    principal = role and Principal("00000000", "rui", role)
    return origin_of(Request({"type": "http", "headers": named, PRINCIPAL: principal}))


@pytest.mark.parametrize(
    ("role", "actor", "facade"),
    [
        (None, None, "filial"),
        (Role.COUNTER, "rui", None),
        (Role.FACADE, "ana", "rui"),
        (Role.ADMIN, "ana", "filial"),
    ],
)
def test_who_writes_for_others_is_believed_and_nobody_else(role, actor, facade):
    found = origin(role, clientela_actor="ana", clientela_facade="filial")

    assert found == Origin(actor, facade, None)


def test_an_admin_who_names_nobody_writes_for_himself_and_a_facade_for_nobody():
    assert origin(Role.ADMIN).actor == "rui"
    assert origin(Role.FACADE).actor is None


@pytest.mark.parametrize("name", ["", "a b", "a\tb", "x" * 65])
def test_an_actor_that_is_no_name_is_refused(name):
    with pytest.raises(ClientelaError) as refused:
        origin(Role.FACADE, clientela_actor=name)

    assert refused.value.code == "bad-header"
