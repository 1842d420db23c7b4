"""Sessions at a facade: signed in by a token, over real processes."""

import sqlite3
import time

import httpx
import pytest

from clientela import limits

NO_SERVER = "http://127.0.0.1:9"
NAME = "clientes.example"
COOKIE = "clientela-matriz"
NOBODY = {"access": "guarded", "role": None, "name": None, "expires_at": None}


class Guarded:
    """A guarded facade, and the tokens of its people."""

    def __init__(self, programs, until):
        self.programs, self.until, self.opened = programs, until, []
        self.server, self.facade = programs.guarded(
            "--trusted-proxy", "127.0.0.1", "--allowed-host", NAME
        )
        self.ana, self.rui = (programs.token("counter", name) for name in ("ana", "rui"))
        self.known(self.ana)
        self.known(self.rui)

    def known(self, token):
        self.until(lambda: self.by_token(token).status_code == 200, "the facade has the token")

    def by_token(self, token):
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.get(f"{self.facade.url}/client?limit=1", headers=headers)

    def browser(self, *, address="203.0.113.1", https=False):
        """Give what asks as a page would, from an address behind the proxy."""
        forwarded = {"X-Forwarded-For": address}
        if https:
            forwarded["X-Forwarded-Proto"] = "https"
        page = {"Origin": self.facade.url, **forwarded}
        self.opened.append(httpx.Client(base_url=self.facade.url, headers=page, timeout=20))
        return self.opened[-1]

    def signed_in(self, token, **seen):
        http = self.browser(**seen)
        assert http.post("/session", json={"token": token}).status_code == 201
        return http


@pytest.fixture(scope="module")
def company(shared_programs, until):
    return Guarded(shared_programs, until)


@pytest.fixture
def guarded(company):
    yield company
    for http in company.opened:
        http.close()


def status(http):
    return http.get("/client?limit=1").status_code


def test_a_token_begins_a_session_that_reads_and_writes_in_its_name(guarded):
    http = guarded.browser()
    before = http.get("/session").json()
    begun = http.post("/session", json={"token": guarded.ana})
    state = http.get("/session").json()
    made = http.post("/client", json={"name": "Bia"})
    receipt = http.get(f"/client/writes/{made.headers['clientela-write']}").json()

    assert (before, status(guarded.browser())) == (NOBODY, 401)
    assert begun.status_code == 201
    assert begun.json() == state
    assert (state["access"], state["role"], state["name"]) == ("guarded", "counter", "ana")
    assert (made.status_code, receipt["actor"]) == (201, "ana")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites_and_tells_no_token(guarded):
    told = guarded.browser().post("/session", json={"token": guarded.ana}).headers["set-cookie"]
    value, *attributes = told.split("; ")

    assert value.startswith(f"{COOKIE}=")
    assert guarded.ana.rpartition("_")[2] not in told
    assert {*map(str.lower, attributes)} == {
        "httponly",
        f"max-age={limits.SESSION_S}",
        "path=/",
        "samesite=strict",
    }


def test_behind_a_proxy_that_speaks_tls_the_cookie_is_for_secure_lines_alone(guarded):
    http = guarded.browser(https=True)
    told = http.post("/session", json={"token": guarded.ana}).headers["set-cookie"]
    text = told.split(";")[0].partition("=")[2]
    forged = {"Cookie": f"{COOKIE}={text}"}  # as a plain page of the host could set it
    right = {"Cookie": f"__Host-{COOKIE}={text}"}

    assert told.startswith(f"__Host-{COOKIE}=")
    assert "; Secure" in told
    assert http.get("/client?limit=1", headers=right).status_code == 200
    assert guarded.browser(https=True).get("/client", headers=forged).status_code == 401


def test_over_tls_a_page_is_remembered_as_https_unless_its_name_is_the_machines_own(guarded):
    http = guarded.browser(https=True)
    named = {"Host": NAME, "Origin": f"https://{NAME}", "Accept": "text/html"}
    page, own = http.get("/", headers=named), http.get("/", headers={"Accept": "text/html"})

    assert page.headers["strict-transport-security"] == f"max-age={limits.HTTPS_REMEMBERED_S}"
    assert "strict-transport-security" not in own.headers


def test_only_the_hash_of_a_session_is_stored(guarded):
    http = guarded.signed_in(guarded.ana)
    text = http.cookies[COOKIE]
    folder = guarded.programs.folder / "matriz"
    held = b"".join(file.read_bytes() for file in folder.glob("clients.db*"))
    with sqlite3.connect(folder / "clients.db") as file:
        count = file.execute("SELECT count(*) FROM sessions").fetchone()[0]

    assert count >= 1
    assert text.encode() not in held


def test_a_write_by_cookie_must_say_which_page_sent_it(guarded):
    http = guarded.signed_in(guarded.ana)
    del http.headers["Origin"]
    blind = http.post("/client", json={"name": "Eva"})
    foreign = http.post("/client", json={"name": "Eva"}, headers={"Origin": "http://evil.example"})
    same_site = {"Sec-Fetch-Site": "same-site"}
    sibling = http.post("/client", json={"name": "Eva"}, headers=same_site)
    own = http.post("/client", json={"name": "Eva"}, headers={"Sec-Fetch-Site": "same-origin"})

    refused = [answer.json()["code"] for answer in (blind, foreign, sibling)]
    assert refused == ["origin-refused"] * 3
    assert own.status_code == 201


def test_a_wrong_token_beside_a_good_cookie_counts(guarded):
    http = guarded.signed_in(guarded.ana)

    assert http.get("/client", headers={"Authorization": "Bearer no"}).status_code == 401


def test_signing_out_ends_this_session_alone(guarded):
    here, there = guarded.signed_in(guarded.ana), guarded.signed_in(guarded.ana)
    kept = {"Cookie": f"{COOKIE}={here.cookies[COOKIE]}"}
    out = here.delete("/session")

    assert (out.status_code, out.headers["clear-site-data"]) == (204, '"cache"')
    assert COOKIE not in here.cookies
    assert (status(here), status(there)) == (401, 200)
    assert httpx.get(f"{guarded.facade.url}/client", headers=kept).status_code == 401
    assert here.delete("/session").status_code == 204  # there was nothing left to do


def test_signing_out_everywhere_ends_the_tokens_sessions_and_closes_their_streams(guarded):
    here, there, other = (guarded.signed_in(t) for t in (guarded.ana, guarded.ana, guarded.rui))
    with there.stream("GET", "/sync/changes?offset=now&live=sse") as stream:
        lines = stream.iter_lines()
        next(lines)
        out = here.delete("/session?everywhere")
        began = time.monotonic()
        with pytest.raises(httpx.TransportError):
            list(lines)
        took_s = time.monotonic() - began

    assert out.status_code == 204
    assert took_s < 2
    assert [status(http) for http in (here, there, other)] == [401, 401, 200]
    assert guarded.by_token(guarded.ana).status_code == 200  # the token itself lives


def test_a_new_session_in_a_browser_ends_the_one_before(guarded):
    http = guarded.signed_in(guarded.ana)
    before = {"Cookie": f"{COOKIE}={http.cookies[COOKIE]}"}
    http.post("/session", json={"token": guarded.rui})

    assert http.get("/session").json()["name"] == "rui"
    assert httpx.get(f"{guarded.facade.url}/client", headers=before).status_code == 401


def test_wrong_tokens_of_one_address_have_to_wait(guarded):
    http = guarded.browser(address="203.0.113.7")
    wrong = [http.post("/session", json={"token": f"no-{n}"}) for n in range(12)]
    right = http.post("/session", json={"token": guarded.ana})
    elsewhere = guarded.browser(address="203.0.113.8").post("/session", json={"token": guarded.ana})

    statuses = [answer.status_code for answer in wrong]
    assert statuses == [401] * limits.SIGN_IN_FAILURES_MAX + [429] * 2
    assert right.status_code == 429
    assert 0 < int(right.headers["retry-after"]) <= limits.SIGN_IN_FAILURES_S + 1
    assert elsewhere.status_code == 201


@pytest.mark.parametrize(
    ("body", "code"),
    [({}, "invalid"), ({"token": 7}, "invalid"), ({"token": "x", "more": 1}, "invalid")],
)
def test_what_is_no_sign_in_is_told_the_field(guarded, body, code):
    answer = guarded.browser(address="203.0.113.9").post("/session", json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["errors"][0]["field"] == "token"


def test_a_facades_token_signs_nobody_in(guarded):
    own = (guarded.programs.folder / "matriz.token").read_text()
    answer = guarded.browser(address="203.0.113.10").post("/session", json={"token": own})

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_sessions_live_through_a_restart_without_the_line_and_end_with_their_token(guarded, until):
    eva = guarded.programs.token("counter", "eva")
    guarded.known(eva)
    http, other = guarded.signed_in(eva), guarded.signed_in(guarded.ana)
    guarded.server.kill()
    guarded.facade.kill()
    guarded.facade.start()

    assert (status(http), status(other)) == (200, 200)
    assert http.post("/client", json={"name": "Kept"}).status_code == 202

    guarded.server.start()
    guarded.programs.revoke(eva)
    until(lambda: status(http) == 401, "the session of a revoked token has ended")
    assert http.get("/session").json() == NOBODY
    assert status(other) == 200


def test_an_open_facade_has_no_sessions(programs):
    facade = programs.facade(NO_SERVER).start(wait_for="/livez")
    begun = httpx.post(f"{facade.url}/session", json={"token": "any"})

    assert httpx.get(f"{facade.url}/session").json()["access"] == "open"
    assert (begun.status_code, begun.json()["access"]) == (201, "open")
    assert "set-cookie" not in begun.headers


def test_forwarded_headers_of_an_address_that_was_not_named_are_not_believed(guarded, programs):
    own = str(guarded.programs.folder / "matriz.token")
    facade = programs.facade(NO_SERVER, "matriz", "--token-file", own).start(wait_for="/livez")
    wrong = [
        httpx.post(
            f"{facade.url}/session", json={"token": "no"}, headers={"X-Forwarded-For": f"1.1.1.{n}"}
        ).status_code
        for n in range(limits.SIGN_IN_FAILURES_MAX + 1)
    ]

    begun = httpx.delete(f"{facade.url}/session", headers={"X-Forwarded-Proto": "https"})
    assert begun.headers["set-cookie"].startswith(f"{COOKIE}=")
    assert wrong[-2:] == [401, 429]
