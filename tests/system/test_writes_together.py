"""Many callers at one facade: their writes share requests, and each is answered for itself."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from stdnum.br import cnpj

CALLERS = 32


@pytest.fixture
def pair(programs, until):
    server = programs.server().start()
    facade = programs.facade(server.url).start()
    until(lambda: httpx.get(f"{facade.url}/sync").json()["state"] == "live", "live")
    return server, facade


def _at_once(call, items):
    """Call with every item, from as many threads, all at one moment."""
    begin = threading.Barrier(CALLERS)

    def run(item):
        begin.wait()
        return call(item)

    with ThreadPoolExecutor(CALLERS) as threads:
        return list(threads.map(run, items))


def _key() -> str:
    return str(uuid.uuid4())


def _requests_at(server, route):
    query = {"route": route, "method": "POST", "limit": 10_000}
    return httpx.get(f"{server.url}/logs", params=query).json()


def test_each_caller_gets_its_own_verdict_also_beside_refused_ones(pair, until):
    server, facade = pair
    document = "00000000027200"[:12] + cnpj.calc_check_digits("000000000272")
    bodies = [
        {"name": f"Cliente {n}", **({"document": document} if n % 4 == 0 else {})}
        for n in range(CALLERS)
    ]

    with httpx.Client(base_url=facade.url, timeout=30) as session:
        answers = _at_once(lambda body: session.post("/client", json=body), bodies)
        shown = [
            session.get(answer.headers["Location"]).json()["name"]
            for answer in answers
            if answer.status_code == 201
        ]

    statuses = [answer.status_code for answer in answers]
    taken = [body["name"] for body, status in zip(bodies, statuses, strict=True) if status == 201]
    assert statuses.count(201) == CALLERS - CALLERS // 4 + 1
    assert statuses.count(409) == CALLERS // 4 - 1
    assert shown == taken  # each caller's own client, and its next read shows it
    keys = {answer.headers["Clientela-Write"] for answer in answers}
    assert len(keys) == CALLERS

    # Fewer requests than callers; each caller's own entry tells how long the server took.
    until(lambda: len(_requests_at(facade, "/client")) == CALLERS, "the entries are written")
    entries = _requests_at(facade, "/client")
    assert all(entry["parts"]["upstream"] > 0 for entry in entries)
    assert 0 < len(_requests_at(server, "/clients/writes")) < CALLERS


def test_a_server_that_is_killed_meanwhile_loses_no_write_and_decides_none_twice(
    pair, until, assert_in_step
):
    server, facade = pair
    keys = [_key() for _ in range(CALLERS * 8)]
    answered: dict[str, int] = {}
    begun = threading.Event()

    def post(some):
        with httpx.Client(base_url=facade.url, timeout=30) as session:
            for key in some:
                headers = {"Idempotency-Key": key}
                answer = session.post("/client", json={"name": key}, headers=headers)
                answered[key] = answer.status_code
                if len(answered) > CALLERS:
                    begun.set()

    writers = [
        threading.Thread(target=post, args=(keys[caller::CALLERS],)) for caller in range(CALLERS)
    ]
    for writer in writers:
        writer.start()
    assert begun.wait(30)
    server.kill()
    for writer in writers:
        writer.join()
    kept = [key for key, status in answered.items() if status == 202]
    server.start()
    until(lambda: httpx.get(f"{facade.url}/sync").json()["outbox"]["pending"] == 0, "drained")

    assert set(answered.values()) == {201, 202}
    assert kept
    assert httpx.get(f"{facade.url}/sync").json()["outbox"]["refused"] == 0
    names = [client["name"] for client in httpx.get(f"{server.url}/clients").json()]
    assert sorted(names) == sorted(keys)
    receipts = [httpx.get(f"{facade.url}/client/writes/{key}").json() for key in kept]
    assert {receipt["outcome"] for receipt in receipts} == {"accepted"}
    assert_in_step(facade, server)
