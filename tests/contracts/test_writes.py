"""Batches of writes, their receipts, and every write once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

MEMBERS = {"write_id", "client_id", "operation", "outcome", "version", "reason", "at", "facade",
           "actor"}  # fmt: skip


@pytest.fixture
def patch_again(service):
    """PATCH with a key, give the answer, and PATCH the same again."""

    def twice(client_id, body, key, **headers):
        request = {"json": body, "headers": {"Idempotency-Key": key, **headers}}
        return [service.patch(service.one(client_id), **request) for _ in range(2)]

    return twice


def test_a_batch_answers_the_receipts_in_the_order_of_its_writes(service, write):
    writes = [write("insert", set={"name": f"Client {number}"}) for number in range(20)]
    writes += [write("update", writes[3]["client_id"], set={"notes": "x"})]
    writes += [write("delete", writes[4]["client_id"], was={"name": "Client 4"})]

    receipts = service.submit(*writes)

    versions = [receipt["version"] for receipt in receipts]
    assert [receipt["write_id"] for receipt in receipts] == [sent["write_id"] for sent in writes]
    assert [receipt["operation"] for receipt in receipts] == [sent["operation"] for sent in writes]
    assert {receipt["outcome"] for receipt in receipts} == {"accepted"}
    assert versions == sorted(set(versions))


def test_a_receipt_has_every_member(service, write):
    sent = write("insert", set={"name": "Ana"}, at="2026-07-01T12:00:00-03:00")

    (receipt,) = service.submit(sent)

    assert set(receipt) == MEMBERS
    assert receipt["at"] == "2026-07-01T12:00:00-03:00"
    assert receipt["facade"] == (None if service.name == "server" else "matriz")
    assert receipt["version"] == service.read(sent["client_id"])["version"]


def test_an_empty_batch_has_no_receipts(service):
    assert service.submit() == []


def test_the_same_batch_again_gets_the_same_receipts_and_changes_nothing(service, write):
    taken = write("insert", set={"name": "Ana"})
    writes = [taken, write("insert", taken["client_id"], set={"name": "Other"})]
    first = service.submit(*writes)
    tail = service.tail()

    again = service.submit(*writes)

    assert [receipt["outcome"] for receipt in first] == ["accepted", "refused"]
    assert again == first
    assert service.tail() == tail


def test_a_write_sent_to_both_services_is_done_once(server, facade, write):
    sent = write("insert", set={"name": "Ana"})

    receipts = [facade.submit(sent), server.submit(sent), facade.submit(sent)]

    assert receipts[1] == receipts[0]
    assert receipts[2] == receipts[0]


def test_a_receipt_can_be_read_at_either_service(server, facade, write):
    accepted = write("insert", set={"name": "Ana"})
    refused = write("insert", set={"name": ""})
    receipts = facade.submit(accepted, refused)

    read = [
        [one.get(f"{one.writes}/{receipt['write_id']}").json() for receipt in receipts]
        for one in (server, facade)
    ]

    assert read == [receipts, receipts]


def test_a_key_reused_for_another_write_is_refused_and_the_first_receipt_stays(service, write):
    sent = write("insert", set={"name": "Ana"})
    service.submit(sent)

    (receipt,) = service.submit({**sent, "set": {"name": "Bia"}})

    assert (receipt["outcome"], receipt["reason"]["code"]) == ("refused", "key-reused")
    stored = service.get(f"{service.writes}/{sent['write_id']}").json()
    assert stored["outcome"] == "accepted"
    assert service.read(sent["client_id"])["name"] == "Ana"


def test_a_key_reused_for_another_post_is_422(service, problem, new_id):
    headers = {"Idempotency-Key": new_id()}
    service.post(service.clients, json={"name": "Ana"}, headers=headers)

    answer = service.post(service.clients, json={"name": "Bia"}, headers=headers)

    assert problem(answer) == (422, "key-reused")
    assert answer.headers["clientela-write"] == headers["Idempotency-Key"]


def test_a_post_repeated_with_its_key_is_one_client(service, new_id):
    headers = {"Idempotency-Key": new_id()}
    first = service.post(service.clients, json={"name": "Ana"}, headers=headers)
    tail = service.tail()

    again = service.post(service.clients, json={"name": " Ana ", "email": None}, headers=headers)

    told = ("location", "etag", "clientela-write")
    assert (again.status_code, again.content) == (201, b"")
    assert [again.headers[name] for name in told] == [first.headers[name] for name in told]
    assert service.tail() == tail


def test_the_same_creation_under_another_key_is_the_same_client(service, new_id):
    client = {"id": new_id(), "name": "Ana"}
    first = service.post(service.clients, json=client)
    tail = service.tail()

    again = service.post(service.clients, json=client)

    assert again.status_code == 201
    assert again.headers["etag"] == first.headers["etag"]
    assert service.tail() == tail


def test_a_patch_repeated_with_its_key_gets_its_receipt(service, patch_again, new_id):
    client_id = service.insert(name="Ana", notes="seen")

    first, again = patch_again(client_id, {"name": "Bia", "notes": None}, new_id())

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    assert len(service.get(service.history(client_id)).json()["changes"]) == 2


def test_a_patch_repeated_after_another_change_is_not_done_again(service, new_id):
    client_id = service.insert(name="Ana")
    request = {"json": {"name": "Bia"}, "headers": {"Idempotency-Key": new_id()}}
    service.patch(service.one(client_id), **request)
    service.patch(service.one(client_id), json={"name": "Carla"})

    again = service.patch(service.one(client_id), **request)

    assert (again.status_code, again.json()["name"]) == (200, "Carla")
    assert service.read(client_id)["name"] == "Carla"


def test_a_patch_with_if_match_can_be_repeated(service, patch_again, new_id):
    client_id = service.insert(name="Ana")
    tag = service.get(service.one(client_id)).headers["etag"]

    answers = patch_again(client_id, {"name": "Bia"}, new_id(), **{"If-Match": tag})

    assert [answer.status_code for answer in answers] == [200, 200]


def test_a_patch_repeated_after_the_deletion_gets_its_receipt(service, new_id):
    client_id = service.insert(name="Ana")
    request = {"json": {"name": "Bia"}, "headers": {"Idempotency-Key": new_id()}}
    service.patch(service.one(client_id), **request)
    service.delete(service.one(client_id))

    again = service.patch(service.one(client_id), **request)

    assert (again.status_code, again.content) == (204, b"")


def test_another_patch_under_a_used_key_is_422(service, problem, new_id):
    client_id = service.insert(name="Ana")
    headers = {"Idempotency-Key": new_id()}
    service.patch(service.one(client_id), json={"name": "Bia"}, headers=headers)

    answer = service.patch(service.one(client_id), json={"name": "Carla"}, headers=headers)

    assert problem(answer) == (422, "key-reused")
    assert service.read(client_id)["name"] == "Bia"


def test_a_deletion_repeated_with_its_key_gets_its_receipt(service, new_id):
    client_id = service.insert()
    headers = {"Idempotency-Key": new_id()}
    service.delete(service.one(client_id), headers=headers)
    tail = service.tail()

    again = service.delete(service.one(client_id), headers=headers)

    receipt = service.get(f"{service.writes}/{headers['Idempotency-Key']}").json()
    assert again.status_code == 204
    assert again.headers["clientela-write"] == headers["Idempotency-Key"]
    assert (receipt["outcome"], receipt["version"]) == ("accepted", tail)
    assert service.tail() == tail


def test_a_deletion_under_a_used_key_is_422(service, problem, new_id):
    client_id, other = service.insert(), service.insert()
    headers = {"Idempotency-Key": new_id()}
    service.delete(service.one(client_id), headers=headers)

    answer = service.delete(service.one(other), headers=headers)

    assert problem(answer) == (422, "key-reused")
    assert service.read(other)["id"] == other


def test_changes_of_different_fields_both_succeed(service, write):
    client_id = service.insert(name="Ana", notes="old")

    receipts = service.submit(
        write("update", client_id, set={"name": "Bia"}, was={"name": "Ana"}),
        write("update", client_id, set={"notes": "new"}, was={"notes": "old"}),
    )

    client = service.read(client_id)
    assert [receipt["outcome"] for receipt in receipts] == ["accepted", "accepted"]
    assert (client["name"], client["notes"]) == ("Bia", "new")


def test_changes_of_the_same_field_conflict_with_both_values(service, write):
    client_id = service.insert(name="Ana")

    receipts = service.submit(
        write("update", client_id, set={"name": "Bia"}, was={"name": "Ana"}),
        write("update", client_id, set={"name": "Carla"}, was={"name": "Ana"}),
    )

    reason = receipts[1]["reason"]
    assert reason["code"] == "conflict"
    assert reason["conflicts"] == [{"field": "name", "yours": "Carla", "theirs": "Bia"}]
    assert service.read(client_id)["name"] == "Bia"


def test_a_conflict_is_409_with_both_values_in_the_plain_form(service, write, problem):
    client_id = service.insert(name="Ana")
    lost = write("update", client_id, set={"name": "Bia"}, was={"name": "not seen"})
    service.submit(lost)

    # The key finds the write that has been decided.
    answer = service.patch(
        service.one(client_id),
        json={"name": "Bia"},
        headers={"Idempotency-Key": lost["write_id"]},
    )

    assert problem(answer) == (409, "conflict")
    assert answer.json()["conflicts"] == [{"field": "name", "yours": "Bia", "theirs": "Ana"}]
    assert answer.headers["clientela-write"] == lost["write_id"]


def test_a_deletion_of_what_was_not_seen_conflicts(service, write):
    client_id = service.insert(name="Ana", notes="unseen")

    (receipt,) = service.submit(write("delete", client_id, was={"name": "Ana"}))

    assert receipt["reason"]["conflicts"] == [{"field": "notes", "yours": None, "theirs": "unseen"}]
    assert service.read(client_id)["notes"] == "unseen"


@pytest.mark.parametrize(
    ("operation", "members", "code"),
    [
        ("update", {"set": {"name": "Bia"}}, "not-found"),
        ("delete", {}, "not-found"),
        ("insert", {"set": {}}, "invalid"),
        ("insert", {"set": {"name": "Ana", "nick": "A"}}, "invalid"),
    ],
)
def test_a_refused_write_has_a_receipt_with_its_reason(service, write, operation, members, code):
    tail = service.tail()

    (receipt,) = service.submit(write(operation, **members))

    assert (receipt["outcome"], receipt["version"]) == ("refused", None)
    assert receipt["reason"]["code"] == code
    assert receipt["reason"]["detail"]
    assert service.tail() == tail


def test_a_duplicate_document_tells_its_holder_in_both_forms(service, write, problem, new_document):
    document = new_document()
    holder = service.insert(document=document)

    answer = service.post(service.clients, json={"name": "Bia", "document": document})
    (receipt,) = service.submit(write("insert", set={"name": "Bia", "document": document}))

    assert problem(answer) == (409, "duplicate-document")
    assert answer.json()["holder"] == holder
    assert receipt["reason"]["code"] == "duplicate-document"
    assert receipt["reason"]["holder"] == holder


def test_a_document_is_free_again_when_its_holder_is_deleted(service, new_document):
    document = new_document()
    service.delete(service.one(service.insert(document=document)))

    second = service.insert(document=document)

    assert service.read(second)["document"] == document


def test_an_id_is_never_used_twice(service, problem):
    client_id = service.insert(name="Ana")
    service.delete(service.one(client_id))

    answer = service.post(service.clients, json={"id": client_id, "name": "Bia"})

    assert problem(answer) == (409, "id-used")


def at_once(ask, count=8):
    """Ask the same several times at once; gives the answers."""
    with ThreadPoolExecutor(count) as threads:
        return [asked.result() for asked in [threads.submit(ask) for _ in range(count)]]


def test_of_many_at_once_with_the_same_key_one_is_done(service, new_id):
    request = {"json": {"name": "Ana"}, "headers": {"Idempotency-Key": new_id()}}
    before = int(service.tail()[-20:])

    answers = at_once(lambda: service.post(service.clients, **request))

    assert [answer.status_code for answer in answers] == [201] * 8
    assert len({answer.headers["etag"] for answer in answers}) == 1
    assert int(service.tail()[-20:]) == before + 1


def test_of_many_at_once_that_match_the_same_version_one_succeeds(service):
    client_id = service.insert(name="Ana")
    tag = service.get(service.one(client_id)).headers["etag"]
    names = iter("ABCDEFGH")

    answers = at_once(
        lambda: service.patch(
            service.one(client_id), json={"name": next(names)}, headers={"If-Match": tag}
        )
    )

    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    assert len(service.get(service.history(client_id)).json()["changes"]) == 2


def test_a_thousand_writes_are_one_batch(service, write):
    writes = [write("insert", set={"name": f"Client {number}"}) for number in range(1_000)]

    receipts = service.submit(*writes)

    assert len(receipts) == 1_000
    assert service.tail() == receipts[-1]["version"]


def test_more_than_a_thousand_writes_are_413_and_none_is_done(service, write, problem):
    writes = [write("insert", set={"name": "Ana"}) for _ in range(1_001)]
    tail = service.tail()

    answer = service.post(service.writes, json=writes)

    assert problem(answer) == (413, "too-large")
    assert service.tail() == tail
    assert service.get(f"{service.writes}/{writes[0]['write_id']}").status_code == 404


def test_one_malformed_write_stops_its_batch_and_is_named(service, write, problem):
    good = write("insert", set={"name": "Ana"})
    tail = service.tail()

    answer = service.post(service.writes, json=[good, {**good, "operation": "upsert"}])

    assert problem(answer) == (400, "malformed")
    assert [error["field"] for error in answer.json()["errors"]] == ["[1].operation"]
    assert service.tail() == tail


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_an_error_names_its_write(service, new_id, method):
    key = new_id()
    path = service.clients if method == "POST" else service.one(new_id())

    answer = service.request(
        method,
        path,
        content=b"{",
        headers={"Idempotency-Key": key, "Content-Type": "application/json"},
    )

    assert answer.is_client_error
    assert answer.headers["clientela-write"] == key


def test_an_invalid_post_leaves_its_key_free(service, new_id):
    headers = {"Idempotency-Key": new_id()}
    refused = service.post(service.clients, json={"name": ""}, headers=headers)

    accepted = service.post(service.clients, json={"name": "Ana"}, headers=headers)

    assert (refused.status_code, accepted.status_code) == (422, 201)


def test_an_unknown_receipt_is_404_and_a_bad_write_id_400(service, problem, new_id):
    unknown = service.get(f"{service.writes}/{new_id()}")
    bad = service.get(f"{service.writes}/1")

    assert problem(unknown) == (404, "not-found")
    assert problem(bad) == (400, "malformed")
