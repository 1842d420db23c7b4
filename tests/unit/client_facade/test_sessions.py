"""How long a session lives, over a real Client DB and a clock that is moved."""

import pytest
from starlette.requests import Request

from clientela import limits
from clientela.client_facade.replica import Replica
from clientela.client_facade.sessions import Sessions
from clientela.web.access import Role
from clientela.web.admission import Admission
from clientela.web.tokens import mint

NOW_S = 1_800_000_000.0


class Desk:
    """Sessions of one facade, and the time there."""

    def __init__(self, path):
        self.now_s = NOW_S
        self.replica = Replica(path, facade="matriz", now_ms=lambda: int(self.now_s * 1_000))
        self.admission = Admission(now_s=lambda: self.now_s)
        _, self.token = mint(Role.COUNTER, "ana", NOW_S, 30 * 86_400)
        self.admission.keep([self.token])
        self.open()

    def open(self):
        self.sessions = Sessions(self.replica, self.admission, "matriz", lambda: self.now_s)

    async def begin(self):
        text, _ = await self.sessions.begin(self.token.id)
        return text

    def lives(self, text, *, method="GET", headers=()):
        cookie = (b"cookie", f"other=1; clientela-matriz={text}".encode())
        scope = {
            "type": "http",
            "method": method,
            "scheme": "http",
            "path": "/client",
            "headers": [cookie, *headers],
        }
        return self.sessions.shown(scope) is not None


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path / "clients.db")
    yield made
    made.replica.close()


async def test_a_session_that_is_not_used_ends(desk):
    text = await desk.begin()
    desk.now_s += limits.SESSION_IDLE_S - 1

    assert desk.lives(text)
    desk.now_s += limits.SESSION_IDLE_S - 1
    assert desk.lives(text)
    desk.now_s += limits.SESSION_IDLE_S
    assert not desk.lives(text)


async def test_a_session_that_is_used_ends_after_a_week_all_the_same(desk):
    text = await desk.begin()
    while desk.now_s < NOW_S + limits.SESSION_S - 3_600:
        desk.now_s += 3_600
        assert desk.lives(text)

    desk.now_s = NOW_S + limits.SESSION_S
    assert not desk.lives(text)


async def test_a_session_ends_with_its_token(desk):
    text = await desk.begin()
    desk.admission.keep([])

    assert not desk.lives(text)


async def test_a_token_has_so_many_sessions_and_the_oldest_goes(desk, monkeypatch):
    monkeypatch.setattr(limits, "SESSIONS_PER_TOKEN_MAX", 3)
    texts = [await desk.begin() for _ in range(5)]
    desk.open()  # as after a restart

    assert [desk.lives(text) for text in texts] == [False, False, True, True, True]


async def test_a_cookie_that_is_none_or_stands_twice_is_nobodys(desk):
    text = await desk.begin()
    twice = [(b"cookie", b"clientela-matriz=x")]

    assert not desk.lives("")
    assert not desk.lives(text[:-1])
    assert not desk.lives(text, headers=twice)


def test_the_address_of_a_request_says_whether_it_is_secure(desk):
    scope = {"type": "http", "scheme": "https", "headers": []}

    assert desk.sessions.cookie_name(Request(scope)) == "__Host-clientela-matriz"
