"""A branch keeps working while the line is down, and nothing of it is lost."""

import httpx
import pytest


@pytest.fixture
def pair(programs, until):
    server = programs.server().start()
    facade = programs.facade(server.url).start()
    until(lambda: httpx.get(f"{facade.url}/sync").json()["state"] == "live", "live")
    return server, facade


def client_of(facade, name):
    found = [c for c in httpx.get(f"{facade.url}/client").json() if c["name"] == name]
    return found[0] if found else None


def test_kept_writes_survive_kill_9_and_arrive_in_order_once(pair, until):
    server, facade = pair
    ana = httpx.post(f"{facade.url}/client", json={"name": "Ana"}).headers["Location"]
    server.kill()
    bia = httpx.post(f"{facade.url}/client", json={"name": "Bia"})
    edited = httpx.patch(facade.url + bia.headers["Location"], json={"notes": "nova"})
    gone = httpx.delete(facade.url + ana)
    facade.kill()
    facade.start()

    assert [bia.status_code, edited.status_code, gone.status_code] == [202, 202, 202]
    assert client_of(facade, "Bia")["notes"] == "nova"
    assert client_of(facade, "Ana") is None
    assert len(client_of(facade, "Bia")["pending"]) == 2

    server.start()

    until(lambda: httpx.get(f"{facade.url}/sync").json()["outbox"]["pending"] == 0, "drained")
    until(lambda: "pending" not in client_of(facade, "Bia"), "no longer pending")
    (only,) = httpx.get(f"{server.url}/clients").json()
    assert (only["name"], only["notes"]) == ("Bia", "nova")
    past = f"{facade.url}/client/history?id={only['id']}"
    until(lambda: len(httpx.get(past).json()["changes"]) == 2, "the feed has brought both")
    operations = [c["headers"]["operation"] for c in httpx.get(past).json()["changes"]]
    assert operations == ["insert", "update"]


def test_the_same_key_offline_and_online_is_one_client(pair, until):
    server, facade = pair
    key = {"Idempotency-Key": "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c11"}
    server.kill()

    first = httpx.post(f"{facade.url}/client", json={"name": "Ana"}, headers=key)
    again = httpx.post(f"{facade.url}/client", json={"name": "Ana"}, headers=key)
    other = httpx.post(f"{facade.url}/client", json={"name": "Eva"}, headers=key)
    server.start()
    until(lambda: httpx.get(f"{facade.url}/sync").json()["outbox"]["pending"] == 0, "drained")
    later = httpx.post(f"{facade.url}/client", json={"name": "Ana"}, headers=key)

    assert [first.status_code, again.status_code, other.status_code] == [202, 202, 422]
    assert later.status_code == 201
    assert len(httpx.get(f"{server.url}/clients").json()) == 1


def test_a_conflict_is_told_with_what_builds_on_it_and_can_be_edited(pair, until):
    server, facade = pair
    location = httpx.post(f"{facade.url}/client", json={"name": "Ana"}).headers["Location"]
    client_id = location.split("=")[1]
    facade.stop()
    httpx.patch(f"{server.url}/clients/{client_id}", json={"notes": "da matriz"})
    server.kill()
    facade.start()
    httpx.patch(facade.url + location, json={"notes": "daqui"})
    httpx.patch(facade.url + location, json={"notes": "daqui outra vez"})
    httpx.patch(facade.url + location, json={"phone": "11 98765-4321"})
    server.start()
    until(lambda: httpx.get(f"{facade.url}/sync").json()["outbox"]["pending"] == 0, "drained")

    writes = httpx.get(f"{facade.url}/sync").json()["writes"]
    assert [write["reason"]["code"] for write in writes] == ["conflict", "depends-on"]
    until(lambda: client_of(facade, "Ana")["notes"] == "da matriz", "the register is shown again")
    assert client_of(facade, "Ana")["phone"] == "+5511987654321"

    refused = f"{facade.url}/client/writes/{writes[0]['write_id']}"
    sent = httpx.put(refused, json={"set": {"notes": "das duas"}})
    dropped = httpx.delete(f"{facade.url}/client/writes/{writes[1]['write_id']}")

    assert [sent.status_code, dropped.status_code] == [202, 204]
    until(lambda: client_of(facade, "Ana")["notes"] == "das duas", "the edited write holds")
    assert httpx.get(f"{facade.url}/sync").json()["outbox"]["refused"] == 0
    assert httpx.get(refused).json()["outcome"] == "refused"


def test_a_document_that_is_held_here_is_refused_at_once_while_offline(pair):
    server, facade = pair
    ana = {"name": "Ana", "document": "390.533.447-05"}
    httpx.post(f"{facade.url}/client", json=ana)
    server.kill()
    httpx.post(f"{facade.url}/client", json={"name": "Bia", "document": "529.982.247-25"})

    replica = httpx.post(f"{facade.url}/client", json={"name": "C", "document": "39053344705"})
    overlay = httpx.post(f"{facade.url}/client", json={"name": "D", "document": "52998224725"})

    assert [replica.status_code, overlay.status_code] == [409, 409]
    assert httpx.get(f"{facade.url}/sync").json()["outbox"]["pending"] == 1
