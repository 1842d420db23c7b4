"""The text of tokens, and who is let in by them."""

import hashlib

import pytest

from clientela import limits
from clientela.errors import ClientelaError
from clientela.storage.database import second_connection
from clientela.storage.tokens import MIGRATION, TokenTable
from clientela.web.access import PRINCIPAL, Principal, Role
from clientela.web.admission import PASS, Admission, bound_following, check
from clientela.web.tokens import hash_of, id_of, mint

NOW_S = 1_800_000_000


@pytest.fixture
def door(clock):
    return Admission(requests_per_s=10, now_s=clock)


def bearer(text, scheme="Bearer"):
    return [(b"host", b"localhost"), (b"authorization", f"{scheme} {text}".encode())]


def scope_of(headers, **more):
    return {"type": "http", "headers": headers, **more}


def test_a_token_has_256_random_bits_and_a_checksum():
    texts = {mint(Role.READER, "ana", NOW_S, None)[0] for _ in range(100)}

    assert len(texts) == 100
    for text in texts:
        assert len(text) == len("clientela_") + 8 + 1 + 43 + 6
        assert id_of(text) == text.split("_")[1]
        assert id_of(text[:-1] + ("0" if text[-1] != "0" else "1")) is None
        assert id_of(text[:30] + ("0" if text[30] != "0" else "1") + text[31:]) is None


def test_only_the_hash_of_a_token_is_kept():
    text, stored = mint(Role.COUNTER, "ana.souza", NOW_S, 60)

    assert stored.hash == hash_of(text) == hashlib.sha256(text.encode()).digest()
    assert text.rpartition("_")[2] not in repr(stored)
    assert (stored.name, stored.role, stored.expires_s) == ("ana.souza", "counter", NOW_S + 60)


@pytest.mark.parametrize("name", ["", "a b", "João", "a\r\nx: y", "x" * 65, "a/b"])
def test_a_name_that_can_not_stand_in_a_header_is_refused(name):
    with pytest.raises(ClientelaError) as refused:
        mint(Role.READER, name, NOW_S, None)

    assert [error.field for error in refused.value.errors] == ["name"]


def test_a_living_token_is_let_in_and_remembered(door):
    text, stored = mint(Role.READER, "ana", NOW_S, None)
    door.keep([stored])

    first, second = door.shown(bearer(text)), door.shown(bearer(text))

    assert first is second
    assert first.principal == Principal(stored.id, "ana", Role.READER)
    assert door.shown(bearer(text, "bearer")).principal == first.principal


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"authorization", b"")],
        [(b"authorization", b"Bearer")],
        [(b"authorization", b"Bearer \xff\xfe")],
        [(b"authorization", b"Basic YTpi")],
        bearer("clientela_00000000_" + "0" * 49),
    ],
)
def test_nobody_else_is(door, headers):
    door.keep([mint(Role.READER, "ana", NOW_S, None)[1]])

    assert door.shown(headers) is None


def test_two_tokens_at_once_are_none(door):
    text, stored = mint(Role.READER, "ana", NOW_S, None)
    door.keep([stored])

    assert door.shown(bearer(text) + bearer(text)) is None


def test_the_secret_of_another_token_is_not_enough(door):
    (mine, stored), (_, other) = (mint(Role.READER, name, NOW_S, None) for name in ("a", "b"))
    door.keep([stored, other])
    forged = mine.replace(stored.id, other.id)

    assert door.of_text(mine) is not None
    assert door.of_text(forged) is None


def test_a_token_ends_at_its_time_also_where_it_is_remembered(door, clock):
    text, stored = mint(Role.READER, "ana", NOW_S, 60)
    door.keep([stored])
    held = door.shown(bearer(text))
    clock.now_s += 59.9
    assert held.has_room(0)

    clock.now_s += 0.2

    assert door.shown(bearer(text)) is None
    assert not held.has_room(0)


def test_a_revoked_token_is_forgotten_at_once_and_others_are_not(door):
    (mine, stored), (others, other) = (mint(Role.READER, name, NOW_S, None) for name in ("a", "b"))
    door.keep([stored, other])
    held, kept = door.shown(bearer(mine)), door.shown(bearer(others))

    door.keep([other])

    assert door.shown(bearer(mine)) is None
    assert not held.has_room(0)
    assert door.shown(bearer(others)) is kept


class Transport:
    closed = False

    def is_closing(self):
        return self.closed

    def abort(self):
        self.closed = True


def live(door, text, transport):
    extensions = {"clientela.connection": {"transport": transport}}
    scope = scope_of(bearer(text), extensions=extensions)
    scope[PASS] = door.shown(bearer(text))
    bound_following(scope)


def test_a_revoked_token_s_live_answers_are_closed(door):
    text, stored = mint(Role.READER, "ana", NOW_S, None)
    door.keep([stored])
    transport = Transport()
    live(door, text, transport)

    door.keep([])

    assert transport.closed


def test_a_token_follows_on_so_many_connections_and_no_more(door):
    text, stored = mint(Role.READER, "ana", NOW_S, None)
    door.keep([stored])
    transports = [Transport() for _ in range(limits.TOKEN_FOLLOWERS_MAX)]
    for transport in transports:
        live(door, text, transport)
    live(door, text, transports[0])  # again on the same connection
    with pytest.raises(ClientelaError) as refused:
        live(door, text, Transport())
    assert (refused.value.code, refused.value.headers["Retry-After"]) == ("too-many-requests", "2")

    transports[0].closed = True

    live(door, text, Transport())


def test_a_token_that_asks_too_often_is_told_when_to_come_again(door):
    text, stored = mint(Role.READER, "ana", NOW_S, None)
    door.keep([stored])
    held = door.shown(bearer(text))
    burst = 10 * limits.TOKEN_BURST_S + 1
    for _ in range(burst):
        held.take(0)
    assert not held.has_room(0)
    with pytest.raises(ClientelaError) as refused:
        held.take(0)
    assert (refused.value.code, refused.value.headers["Retry-After"]) == ("too-many-requests", "1")

    held.take(100_000_000)  # a tenth of a second later there is room for one

    with pytest.raises(ClientelaError):
        held.take(100_000_000)


def asked(door, text, method, template, **params):
    scope = scope_of(bearer(text) if text else [], path_params=params)
    door.enter(scope)
    check(scope, method, template)
    return scope[PRINCIPAL]


def test_who_shows_nothing_is_told_to_send_a_token(door):
    with pytest.raises(ClientelaError) as refused:
        asked(door, None, "GET", "/clients")

    assert refused.value.code == "unauthenticated"
    assert refused.value.headers == {"WWW-Authenticate": 'Bearer realm="clientela"'}
    assert "reader, counter, operator, facade or admin" in refused.value.detail


def test_who_shows_what_is_none_is_told_that_it_is_no_token(door):
    with pytest.raises(ClientelaError) as refused:
        asked(door, "nonsense", "GET", "/clients")

    assert refused.value.headers["WWW-Authenticate"].endswith('error="invalid_token"')


def test_who_may_do_less_is_told_what_it_takes(door):
    text, stored = mint(Role.READER, "ana", NOW_S, None)
    door.keep([stored])

    with pytest.raises(ClientelaError) as refused:
        asked(door, text, "POST", "/clients")

    assert refused.value.code == "forbidden"
    assert "counter or admin" in refused.value.detail


def test_a_facade_speaks_for_itself_alone(door):
    text, stored = mint(Role.FACADE, "matriz", NOW_S, None)
    door.keep([stored])

    assert asked(door, text, "PUT", "/facades/{name}", name="matriz").name == "matriz"
    with pytest.raises(ClientelaError) as refused:
        asked(door, text, "PUT", "/facades/{name}", name="filial")
    assert refused.value.code == "forbidden"


def test_a_role_of_a_newer_server_is_let_in_nowhere(door):
    text, stored = mint(Role.READER, "ana", NOW_S, None)
    newer = type(stored)(stored.id, "ana", "auditor", stored.hash, NOW_S)

    door.keep([newer])

    assert door.shown(bearer(text)) is None


def test_the_table_gives_the_living_ones_and_keeps_all(tmp_path):
    connection = second_connection_of(tmp_path)
    table = TokenTable(connection)
    kept, expired, revoked = (
        mint(Role.READER, name, NOW_S, lasts)[1]
        for name, lasts in (("kept", 100), ("expired", 10), ("revoked", None))
    )
    for token in (kept, expired, revoked):
        table.add(token)

    table.revoke(revoked.id, NOW_S + 5)
    table.revoke(revoked.id, NOW_S + 7)

    assert table.living(NOW_S + 20) == [kept]
    assert table.find(revoked.id).revoked_s == NOW_S + 5
    assert len(table.all()) == 3


def second_connection_of(folder):
    (folder / "tokens.db").touch()
    connection = second_connection(folder / "tokens.db", read_only=False)
    connection.execute(MIGRATION)
    return connection
