"""A person that was erased at one of two servers: the other, its branches and PostgreSQL forget."""

import httpx
import psycopg
import uuid_utils

DOCUMENT = "39053344705"
CANARIES = (b"eferina", b"qxcanari", b"390533447", b"976543219", b"passarinho", b"gaiola")
FIELDS = {
    "name": "Zeferina Qxcanario",
    "email": "zeferina@example.com",
    "document": DOCUMENT,
    "phone": "+5511976543219",
    "notes": "passarinho",
}


def canaries_in(held):
    return [canary for canary in CANARIES if canary in held.lower()]


def insert(**fields):
    """Give the id of a new client and the write that inserts it."""
    client_id, write_id = str(uuid_utils.uuid7()), str(uuid_utils.uuid7())
    ids = {"client_id": client_id, "write_id": write_id}
    write = {**ids, "operation": "insert", "set": fields}
    return client_id, write


def decide(server, write):
    (receipt,) = httpx.post(f"{server.url}/clients/writes", json=[write], timeout=10).json()
    return receipt


def erase(server, client_id, key=None):
    headers = {"Idempotency-Key": key or str(uuid_utils.uuid7())}
    answer = httpx.post(f"{server.url}/clients/{client_id}/erasure", headers=headers, timeout=10)
    assert answer.status_code == 200, answer.text
    return answer


def feed(server, **headers):
    return httpx.get(f"{server.url}/clients/changes?offset=-1", headers=headers)


def rows_of(url):
    """Give all that the tables hold, as bytes."""
    held = b""
    with psycopg.connect(url) as connection:
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        for (name,) in connection.execute(tables).fetchall():
            for row in connection.execute(f'SELECT * FROM "{name}"'):
                held += b"|".join(v if isinstance(v, bytes) else str(v).encode() for v in row)
    return held


def test_the_other_server_tells_of_an_erasure_in_all_its_answers(start_servers, postgres_url):
    one, other = start_servers(2)
    person, inserted = insert(**FIELDS)
    assert decide(one, inserted)["outcome"] == "accepted"
    _, twice = insert(name="B", document=DOCUMENT)
    assert decide(other, twice)["reason"]["holder"] == person
    changed = {"set": {"notes": "gaiola"}, "was": {"notes": "passarinho"}}
    ids = {"write_id": str(uuid_utils.uuid7()), "client_id": person}
    assert decide(other, {**ids, "operation": "update", **changed})["outcome"] == "accepted"
    exported = httpx.get(f"{other.url}/clients/{person}/export").content
    tag = feed(other).headers["etag"]
    assert feed(other, **{"If-None-Match": tag}).status_code == 304
    assert canaries_in(feed(other).content)
    assert canaries_in(rows_of(postgres_url))
    key = str(uuid_utils.uuid7())

    erased = erase(one, person, key)

    assert len(canaries_in(exported)) == len(CANARIES)
    version = erased.json()["version"]
    assert feed(other, **{"If-None-Match": tag}).status_code == 200
    (change,) = feed(other).json()
    assert (change["headers"]["erased"], change["headers"]["version"]) == (True, version)
    assert httpx.get(f"{other.url}/clients/{person}").status_code == 410
    history = httpx.get(f"{other.url}/clients/{person}/history").json()
    assert history["changes"] == [change]
    assert httpx.get(f"{other.url}/clients/erasures").json() == [
        {"client_id": person, "version": version}
    ]
    for write in (inserted, twice):
        receipt = httpx.get(f"{other.url}/clients/writes/{write['write_id']}").json()
        assert not canaries_in(repr(receipt).encode())
        assert person not in repr(receipt.get("reason"))
    trail = httpx.get(f"{other.url}/audit", params={"client": person, "order": "asc"}).json()
    assert [entry["action"] for entry in trail] == ["insert", "update", "export", "erase"]
    assert trail[-1]["version"] == version
    assert not canaries_in(rows_of(postgres_url))
    # Whoever is asked again, it was decided once.
    assert decide(other, inserted)["outcome"] == "accepted"
    assert erase(other, person, key).content == erased.content
    assert erase(other, person).json()["version"] == version
    _, anew = insert(name="B", document=DOCUMENT)
    assert decide(other, anew)["outcome"] == "accepted"


def test_branches_of_the_other_server_forget_who_was_erased(
    start_servers, programs, until, assert_in_step
):
    one, other = start_servers(2)
    branch = programs.facade(other.url).start()
    person, write = insert(**FIELDS)
    decide(one, write)
    until(lambda: httpx.get(f"{branch.url}/client?id={person}").is_success, "there")

    erase(one, person)

    until(lambda: httpx.get(f"{branch.url}/client?id={person}").status_code == 410, "gone")

    def held():
        files = [path for path in (programs.folder / "matriz").rglob("*") if path.is_file()]
        return [path.name for path in files if canaries_in(path.read_bytes())]

    until(lambda: not held(), "left the branch's files")
    assert_in_step(branch, one)


def test_a_full_vacuum_takes_what_was_erased_out_of_the_data_files(
    start_servers, postgres, postgres_url
):
    (server,) = start_servers(1)
    person, write = insert(**FIELDS)
    decide(server, write)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        query = "SELECT oid FROM pg_database WHERE datname = current_database()"
        ((number,),) = connection.execute(query).fetchall()

        def held():
            connection.execute("CHECKPOINT")
            files = (postgres.data / "base" / str(number)).iterdir()
            return {canary for path in files for canary in canaries_in(path.read_bytes())}

        connection.execute("ANALYZE")
        erase(server, person)
        connection.execute("VACUUM")
        swept = held()  # the space is free, its bytes are still there
        connection.execute("ANALYZE")
        connection.execute("VACUUM FULL")

        assert swept != set()
        assert held() == set()
