"""The routes of the table as they are written, and one client read, changed and deleted."""

import re
import uuid

import pytest

POSITION = re.compile(r"[0-9]{10}_[0-9]{20}")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
FULL = {
    "name": "Padaria Estrela Ltda",
    "email": "ana@example.com",
    "phone": "(11) 98765-4321",
    "notes": "Prefers\nthe morning.",
}


def test_every_client_is_a_bare_json_array(service):
    service.insert(name="Listed")

    answer = service.get(service.clients)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert "Listed" in [client["name"] for client in answer.json()]


def test_an_insert_answers_201_with_its_address_and_no_body(service, new_id):
    client_id = new_id()

    answer = service.post(service.clients, json={"id": client_id, "name": "Ana"})

    assert (answer.status_code, answer.content) == (201, b"")
    assert "content-type" not in answer.headers
    assert answer.headers["location"] == service.one(client_id)
    assert uuid.UUID(answer.headers["clientela-write"])
    assert answer.headers["etag"] == service.get(answer.headers["location"]).headers["etag"]


def test_an_inserted_client_is_read_as_it_was_normalised(service, new_document):
    document = new_document()
    dotted = f"{document[:2]}.{document[2:5]}.{document[5:8]}/{document[8:12]}-{document[12:]}"
    client_id = service.insert(**FULL, document=dotted)

    client = service.read(client_id)

    assert client == {
        "id": client_id,
        "name": "Padaria Estrela Ltda",
        "email": "ana@example.com",
        "phone": "+5511987654321",
        "document": document,
        "notes": "Prefers\nthe morning.",
        "created_at": client["created_at"],
        "updated_at": client["created_at"],
        "version": client["version"],
    }
    assert TIME.fullmatch(client["created_at"])
    assert POSITION.fullmatch(client["version"])


def test_absent_fields_are_null(service):
    client = service.read(service.insert())

    assert [client[field] for field in ("email", "phone", "document", "notes")] == [None] * 4


@pytest.mark.parametrize("header", ["return=representation", 'wait=5, Return="representation"'])
def test_who_prefers_it_gets_the_new_client_as_the_body(service, header):
    answer = service.post(service.clients, json={"name": "Ana"}, headers={"Prefer": header})

    assert answer.status_code == 201
    assert answer.json() == service.get(answer.headers["location"]).json()
    assert answer.headers["etag"] == f'"{answer.json()["version"]}"'


def test_without_an_id_a_client_gets_one_of_version_7(service):
    location = service.post(service.clients, json={"name": "Ana"}).headers["location"]

    assert uuid.UUID(service.get(location).json()["id"]).version == 7


@pytest.mark.parametrize("form", ["{}", '"{}"'])
def test_the_idempotency_key_becomes_the_id_and_the_write_id(service, new_id, form):
    key = new_id()

    answer = service.post(
        service.clients, json={"name": "Ana"}, headers={"Idempotency-Key": form.format(key)}
    )

    assert answer.headers["location"] == service.one(key)
    assert answer.headers["clientela-write"] == key


@pytest.mark.parametrize(
    "key", ["", "1", '"', '""', "'{}'", '"{}', "{} ", "0" * 36, str(uuid.UUID(int=0))]
)
def test_a_bad_idempotency_key_is_400(service, problem, key):
    bad = key.format("0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c11") + ("x" if key == "{} " else "")

    answer = service.post(service.clients, json={"name": "Ana"}, headers={"Idempotency-Key": bad})

    assert problem(answer) == (400, "bad-header")
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


def test_a_patch_changes_what_it_names_and_null_removes(service):
    client_id = service.insert(**FULL)
    before = service.read(client_id)

    answer = service.patch(
        service.one(client_id),
        json={"name": "Bia", "email": None},
        headers={"Content-Type": "application/merge-patch+json"},
    )

    changed = {"name": "Bia", "email": None}
    told = {field: answer.json()[field] for field in ("updated_at", "version")}
    assert answer.status_code == 200
    assert answer.json() == {**before, **changed, **told}
    assert told["version"] > before["version"]
    assert told["updated_at"] > before["updated_at"]
    assert answer.headers["etag"] == f'"{told["version"]}"'
    assert service.read(client_id) == answer.json()


def test_a_patch_that_changes_nothing_leaves_the_version(service):
    client_id = service.insert(name="Ana")
    before = service.read(client_id)

    answer = service.patch(service.one(client_id), json={"name": " Ana "})

    assert answer.json() == before


def test_who_prefers_it_gets_no_body_from_a_patch(service):
    client_id = service.insert()

    answer = service.patch(
        service.one(client_id), json={"name": "Bia"}, headers={"Prefer": "return=minimal"}
    )

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["etag"] == service.get(service.one(client_id)).headers["etag"]


def test_a_deleted_client_is_gone(service, problem):
    client_id = service.insert()

    answer = service.delete(service.one(client_id))

    assert (answer.status_code, answer.content) == (204, b"")
    assert uuid.UUID(answer.headers["clientela-write"])
    assert problem(service.get(service.one(client_id))) == (410, "gone")
    assert client_id not in [client["id"] for client in service.get(service.clients).json()]


def test_deleting_the_deleted_is_204_with_a_receipt_of_its_own(service):
    client_id = service.insert()
    service.delete(service.one(client_id))

    answer = service.delete(service.one(client_id))

    receipt = service.get(f"{service.writes}/{answer.headers['clientela-write']}").json()
    assert answer.status_code == 204
    assert (receipt["operation"], receipt["outcome"]) == ("delete", "accepted")


def test_a_deleted_client_can_not_be_changed(service, problem):
    client_id = service.insert()
    service.delete(service.one(client_id))

    answer = service.patch(service.one(client_id), json={"name": "Bia"})

    assert problem(answer) == (410, "gone")


def test_a_change_made_at_one_service_is_read_at_the_other(server, facade):
    client_id = facade.insert(name="Ana")
    server_first = server.read(client_id)

    facade.patch(facade.one(client_id), json={"name": "Bia"})

    assert server_first["name"] == "Ana"
    assert server.read(client_id) == facade.read(client_id)
    assert server.read(client_id)["name"] == "Bia"


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_if_match_lets_the_present_version_pass(service, method):
    client_id = service.insert()
    tag = service.get(service.one(client_id)).headers["etag"]
    body = {"json": {"name": "Bia"}} if method == "PATCH" else {}

    answer = service.request(method, service.one(client_id), headers={"If-Match": tag}, **body)

    assert answer.status_code == (200 if method == "PATCH" else 204)


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_if_match_of_an_older_version_is_412_and_changes_nothing(service, problem, method):
    client_id = service.insert()
    old = service.get(service.one(client_id)).headers["etag"]
    service.patch(service.one(client_id), json={"notes": "new"})
    body = {"json": {"name": "Bia"}} if method == "PATCH" else {}

    answer = service.request(method, service.one(client_id), headers={"If-Match": old}, **body)

    assert problem(answer) == (412, "precondition-failed")
    assert service.read(client_id)["name"] == "Ana"


@pytest.mark.parametrize("tag", ["", "1", "0000000001_00000000000000000001", '"x"', '"1", "2"'])
def test_a_bad_if_match_is_400(service, problem, tag):
    client_id = service.insert()

    answer = service.delete(service.one(client_id), headers={"If-Match": tag})

    assert problem(answer) == (400, "bad-header")
    assert answer.json()["errors"][0]["field"] == "If-Match"


@pytest.mark.parametrize("form", ["{}", "W/{}", '"x", {}', "*"])
def test_who_has_this_version_gets_304_without_a_body(service, form):
    client_id = service.insert()
    tag = service.get(service.one(client_id)).headers["etag"]

    answer = service.get(service.one(client_id), headers={"If-None-Match": form.format(tag)})

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == tag


def test_who_has_another_version_gets_the_client(service):
    client_id = service.insert()
    old = service.get(service.one(client_id)).headers["etag"]
    service.patch(service.one(client_id), json={"name": "Bia"})

    answer = service.get(service.one(client_id), headers={"If-None-Match": old})

    assert (answer.status_code, answer.json()["name"]) == (200, "Bia")


def test_head_answers_as_get_does_without_the_body(service):
    path = service.one(service.insert())

    head = service.head(path)

    get = service.get(path)
    told = ("etag", "content-type", "content-length", "clientela-version")
    assert head.status_code == 200
    assert [head.headers[name] for name in told] == [get.headers[name] for name in told]


def test_a_history_tells_all_changes_oldest_first_and_where_it_begins(service):
    client_id = service.insert(name="Ana")
    service.patch(service.one(client_id), json={"name": "Bia"})
    service.delete(service.one(client_id))

    history = service.get(service.history(client_id)).json()

    changes = history["changes"]
    assert (history["client_id"], history["complete"]) == (client_id, True)
    assert history["since"] == "0000000001_00000000000000000000"
    assert [change["headers"]["operation"] for change in changes] == ["insert", "update", "delete"]
    assert [change.get("value", {}).get("name") for change in changes] == ["Ana", "Bia", None]


def test_reads_at_a_facade_tell_how_fresh_they_are(facade):
    client_id = facade.insert()

    answers = [
        facade.get(path)
        for path in (facade.one(client_id), facade.clients, facade.history(client_id),
                     "/client?q=ana", "/client?limit=1", facade.one(str(uuid.uuid4())))
    ]  # fmt: skip

    assert [answer.headers["clientela-version"] for answer in answers] == [facade.tail()] * 6
    assert {answer.headers["cache-control"] for answer in answers} == {"private, no-cache"}
    assert all(0 <= int(answer.headers["age"]) < 10 for answer in answers)


def test_who_has_seen_a_version_elsewhere_can_demand_it_of_a_facade(server, facade):
    for number in range(10):
        client_id = server.insert(name=f"Client {number}")
        seen = server.read(client_id)

        answer = facade.get(
            facade.one(client_id), headers={"Clientela-Min-Version": seen["version"]}
        )

        assert answer.json() == seen


@pytest.mark.parametrize("directives", ["no-cache", "max-age=0"])
def test_who_demands_it_reads_at_a_facade_what_the_server_has_now(server, facade, directives):
    for number in range(10):
        client_id = server.insert(name=f"Client {number}")

        answer = facade.get(facade.one(client_id), headers={"Cache-Control": directives})

        assert answer.status_code == 200
        assert answer.headers["age"] == "0"


def test_a_demand_that_only_the_server_could_meet_is_504_when_it_may_not_be_asked(facade, problem):
    answer = facade.get("/client", headers={"Cache-Control": "no-cache, only-if-cached"})

    assert problem(answer) == (504, "too-stale")


@pytest.mark.parametrize("header", [{"Clientela-Min-Version": "1"}, {"Clientela-Min-Version": ""}])
def test_a_demand_that_is_not_understood_is_400(facade, problem, header):
    answer = facade.get("/client", headers=header)

    assert problem(answer) == (400, "bad-header")


def test_every_response_names_the_register(service, server):
    register = server.get("/livez").headers["clientela-register"]

    answers = [
        service.get("/livez"),
        service.get(service.clients),
        service.get(service.changes),
        service.get("/nowhere"),
        service.get("/livez", headers={"Host": "evil.example"}),
        service.put(service.clients),
        service.post(service.clients, content=b"{"),
    ]

    assert [answer.headers["clientela-register"] for answer in answers] == [register] * 7
    assert uuid.UUID(register)
