"""Tokens over real processes: with the line up and down, made, revoked and expired."""

import re
import stat

import httpx
import pytest


class System:
    """A guarded server and facade, and what the command line does beside them."""

    def __init__(self, programs, run):
        self.programs, self._run = programs, run
        self.db = f"sqlite:///{programs.folder / 'server' / 'register.db'}"
        self.admin = self.token("add", "--role", "admin", "--name", "rui")
        own = programs.folder / "matriz.token"
        own.write_text(self.token("add", "--role", "facade", "--name", "matriz"))
        self.server = programs.server("server", "--guarded").start()
        self.facade = programs.facade(self.server.url, "matriz", "--token-file", str(own)).start()

    def token(self, command, *arguments):
        ended = self._run(["token", command, *arguments, "--db", self.db])
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.strip()

    def counter(self, name, *more):
        return self.token("add", "--role", "counter", "--name", name, *more)

    def revoke(self, text):
        self.token("revoke", text.split("_")[1])

    def get(self, service, token, path):
        return httpx.get(service.url + path, headers=_bearer(token), timeout=10)

    def status(self, token):
        return self.get(self.facade, token, "/client?limit=1").status_code

    def insert(self, token, name):
        headers = {**_bearer(token), "Prefer": "return=representation"}
        return httpx.post(
            f"{self.facade.url}/client", json={"name": name}, headers=headers, timeout=20
        )

    def receipt(self, service, token, answer):
        clients = "/clients" if service is self.server else "/client"
        path = f"{clients}/writes/{answer.headers['clientela-write']}"
        return self.get(service, token, path).json()


def _bearer(token):
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def system(programs, run):
    return System(programs, run)


def test_people_come_in_and_write_while_the_line_is_down_each_in_his_own_name(system, until):
    ana, bia = system.counter("ana"), system.counter("bia")
    until(lambda: system.status(bia) == 200, "the facade knows the tokens")
    through = system.insert(ana, "Through")
    assert through.status_code == 201
    system.server.kill()

    kept = [system.insert(token, f"Kept {n}") for n, token in enumerate((ana, bia, bia, ana))]

    assert [answer.status_code for answer in kept] == [202] * 4
    assert system.receipt(system.facade, ana, kept[1])["actor"] == "bia"
    system.facade.kill()
    system.facade.start()
    assert (system.status(ana), system.status(None)) == (200, 401)
    system.server.start()
    until(
        lambda: system.get(system.server, system.admin, "/clients?limit=9").text.count("Kept") == 4,
        "the outbox is sent",
    )
    decided = [system.receipt(system.server, ana, answer) for answer in (through, *kept)]
    assert [receipt["actor"] for receipt in decided] == ["ana", "ana", "bia", "bia", "ana"]
    assert {receipt["facade"] for receipt in decided} == {"matriz"}
    until(
        lambda: system.receipt(system.facade, ana, kept[3])["outcome"] == "accepted", "it is told"
    )
    assert system.receipt(system.facade, ana, kept[1])["actor"] == "bia"


def test_the_demo_shows_its_token(system, run, until):
    ana = system.counter("ana")
    until(lambda: system.status(ana) == 200, "the facade knows the token")
    arguments = ["demo", "--url", system.facade.url, "--clients", "5"]

    refused, filled = run(arguments), run(arguments, CLIENTELA_TOKEN=ana)

    assert (refused.returncode, filled.returncode) == (2, 0)
    assert "unauthenticated" in refused.stderr
    assert "5 clients added" in filled.stdout


def test_a_revocation_reaches_a_facade_when_the_line_is_up(system, until):
    ana = system.counter("ana")
    until(lambda: system.status(ana) == 200, "the facade knows the token")
    system.server.kill()
    system.revoke(ana)  # nobody has the register now
    assert system.status(ana) == 200  # nobody could tell the facade

    system.server.start()

    until(lambda: system.status(ana) == 401, "the facade knows", 10)
    assert system.get(system.server, ana, "/clients").status_code == 401


def test_a_token_expires_at_a_facade_with_the_line_down(system, until):
    asked = {"role": "reader", "name": "ana", "lasts_s": 6}
    url, shown = f"{system.server.url}/tokens", _bearer(system.admin)
    ana = httpx.post(url, json=asked, headers=shown).json()["token"]
    until(lambda: system.status(ana) == 200, "the facade knows the token", 5)

    system.server.kill()

    until(lambda: system.status(ana) == 401, "it has expired", 8)
    assert re.search(r"ana +reader .* expired", system.token("list"))


def test_a_facade_whose_token_is_revoked_keeps_writes_until_it_has_another(system, until):
    ana = system.counter("ana")
    until(lambda: system.status(ana) == 200, "the facade knows the token")
    own = system.programs.folder / "matriz.token"
    system.revoke(own.read_text())
    until(
        lambda: (
            "turns this facade away" in str(system.get(system.facade, system.admin, "/sync").json())
        ),
        "the facade is turned away",
        90,
    )

    answer = system.insert(ana, "Kept")

    assert answer.status_code == 202
    assert system.status(ana) == 200
    own.write_text(system.token("add", "--role", "facade", "--name", "matriz"))
    system.facade.stop()
    system.facade.start()
    until(lambda: system.receipt(system.facade, ana, answer)["outcome"] == "accepted", "it is sent")


def test_up_on_an_address_of_all_makes_a_token_and_asks_for_it(programs, free_ports_of, until):
    port = free_ports_of(4)
    data = programs.folder / "data"
    arguments = ["up", "--data", str(data), "--host", "0.0.0.0", "--port", str(port)]
    up = programs.program("up", arguments, port)
    up.start(wait_for=None)
    urls = [f"http://127.0.0.1:{port + offset}" for offset in range(4)]
    until(lambda: "Open http" in up.output, "everything is ready", 60)
    (token,) = set(re.findall(r"clientela_\w+", up.output))

    until(lambda: httpx.get(f"{urls[1]}/client", headers=_bearer(token)).status_code == 200, "in")

    for url, path in zip(urls, ("/clients", "/client", "/client", "/logs"), strict=True):
        assert httpx.get(url + path).status_code == 401
        until(
            lambda url=url, path=path: httpx.get(url + path, headers=_bearer(token)).is_success,
            "in",
        )
    for branch in ("matriz", "filial"):
        assert stat.S_IMODE((data / branch / "token").stat().st_mode) == 0o600
    up.stop()
    up.start(wait_for=None)
    until(lambda: up.output.count("Open http") == 2, "everything is ready again", 60)
    assert set(re.findall(r"clientela_\w+", up.output)) == {token}
    assert up.output.count(token) == 1
