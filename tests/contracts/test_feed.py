"""The feed read step by step: the read side of Durable Streams in JSON mode (sections 5.5, 5.6)."""

import json

import pytest

from clientela.clients import digest

NOWHERE = "0000000001_99999999999999999999"
BEGINNING = "0000000001_00000000000000000000"


@pytest.fixture(scope="module")
def changes(pair, write):
    """More changes than fit into one answer; gives their positions."""
    server, facade = pair["server"], pair["facade"]
    writes = [write("insert", set={"name": f"Client {number}"}) for number in range(998)]
    ana = writes[0]["client_id"]
    receipts = server.submit(*writes) + server.submit(
        write("update", ana, set={"name": "Ana ❤"}, was={"name": "Client 0"}),
        write("delete", writes[1]["client_id"], was={"name": "Client 1"}),
    )
    last = write("insert", set={"name": "Last", "email": "last@example.com"})
    receipts += facade.submit(last)  # answered once the facade holds it
    return [receipt["version"] for receipt in receipts]


def read(service, **parameters):
    answer = service.get(service.changes, params=parameters)
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.parametrize("parameters", [{}, {"offset": "-1"}, {"offset": BEGINNING}])
def test_the_feed_begins_with_the_oldest_change(service, changes, parameters):
    answer = read(service, **parameters)

    messages = answer.json()
    assert [message["headers"]["version"] for message in messages] == changes[:1_000]
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["stream-next-offset"] == changes[999]


def test_stream_up_to_date_is_told_only_when_nothing_follows(service, changes):
    first = read(service)
    rest = read(service, offset=first.headers["stream-next-offset"])

    assert "stream-up-to-date" not in first.headers
    assert rest.headers["stream-up-to-date"] == "true"
    assert rest.headers["stream-next-offset"] == changes[-1]
    assert [message["value"]["name"] for message in rest.json()] == ["Last"]


def test_from_a_position_the_rest_follows(service, changes):
    answer = read(service, offset=changes[-4])

    assert [message["headers"]["version"] for message in answer.json()] == changes[-3:]


def test_a_change_has_the_shape_of_the_state_protocol(service, changes):
    update, delete, insert = read(service, offset=changes[-4]).json()

    client = service.read(insert["key"])
    receipt = service.get(f"{service.writes}/{insert['headers']['write_id']}").json()
    assert insert == {
        "type": "client",
        "key": client["id"],
        "value": client,
        "headers": {
            "operation": "insert",
            "version": changes[-1],
            "digest": insert["headers"]["digest"],
            "timestamp": client["created_at"],
            "write_id": receipt["write_id"],
            "facade": "matriz",
            "actor": None,
        },
    }
    assert update["value"]["name"] == "Ana ❤"
    assert update["headers"]["operation"] == "update"
    assert "value" not in delete
    assert delete["headers"]["operation"] == "delete"


def test_the_last_change_has_the_digest_of_all_that_is_listed(service, server, changes):
    last = read(service, offset=changes[-2]).json()[-1]["headers"]["digest"]

    lines = service.get(service.clients, headers={"Accept": "application/x-ndjson"}).content
    total = digest.EMPTY
    for line in lines.splitlines():
        client = json.loads(line)
        row = digest.row_digest(client["id"], client["version"], line)
        total = digest.add(total, row)
    assert last == digest.to_hex(total)
    assert server.get("/clients?limit=1").headers["clientela-digest"] == last


def test_server_and_facade_serve_the_same_bytes(server, facade, changes):
    offsets = ["-1", *changes[995:]]

    theirs = [read(server, offset=offset).content for offset in offsets]
    ours = [read(facade, offset=offset).content for offset in offsets]

    assert ours == theirs


def test_at_the_tail_there_is_an_empty_array(service, changes):
    answer = read(service, offset=changes[-1])

    assert answer.content == b"[]"
    assert answer.headers["stream-next-offset"] == changes[-1]
    assert answer.headers["stream-up-to-date"] == "true"


def test_now_is_the_tail_and_is_never_kept(service, changes):
    answer = read(service, offset="now")

    assert answer.content == b"[]"
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["stream-next-offset"] == changes[-1]
    assert answer.headers["stream-up-to-date"] == "true"
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


@pytest.mark.parametrize("parameters", [{}, {"offset": "-1"}, {"offset": "now"}])
def test_head_gives_the_tail_and_is_never_kept(service, changes, parameters):
    answer = service.head(service.changes, params=parameters)

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["stream-next-offset"] == changes[-1]
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


def test_a_range_of_the_past_can_be_kept_and_asked_for_again(service, server, changes):
    answer = read(service, offset=changes[3])

    register = server.get("/livez").headers["clientela-register"]
    assert answer.headers["etag"] == f'"{register}:{changes[3]}:{changes[-1]}"'
    assert answer.headers["cache-control"] == "private, max-age=60"


@pytest.mark.parametrize("form", ["{}", 'W/{}, "x"'])
def test_an_unchanged_range_is_304_without_a_body(service, changes, form):
    tag = read(service, offset=changes[-2]).headers["etag"]

    answer = service.get(
        service.changes,
        params={"offset": changes[-2]},
        headers={"If-None-Match": form.format(tag)},
    )

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == tag
    assert answer.headers["stream-next-offset"] == changes[-1]


@pytest.mark.parametrize("tag", ['"x"', "", '"{}'])
def test_another_tag_gets_the_range(service, changes, tag):
    known = read(service, offset=changes[-3]).headers["etag"]

    answer = service.get(
        service.changes,
        params={"offset": changes[-2]},
        headers={"If-None-Match": tag.format(known)},
    )

    assert (answer.status_code, len(answer.json())) == (200, 1)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("offset=", "offset"),
        ("offset=0", "offset"),
        ("offset=-2", "offset"),
        ("offset=NOW", "offset"),
        ("offset=now%20", "offset"),
        ("offset=1_1", "offset"),
        ("offset=0000000001-00000000000000000000", "offset"),
        ("offset=0000000001_0000000000000000000", "offset"),
        ("offset=0000000001_00000000000000000000%0A", "offset"),
        ("offset=%D9%A0000000001_00000000000000000000", "offset"),
        ("offset=-1&offset=-1", "offset"),
        ("live=sse", "offset"),
        ("live=long-poll", "offset"),
        ("live=&offset=-1", "live"),
        ("live=true&offset=-1", "live"),
        ("live=sse&live=sse&offset=-1", "live"),
        ("offset=-1&cursor=1&cursor=1", "cursor"),
    ],
)
def test_a_bad_question_is_400_and_names_its_parameter(service, problem, query, field):
    answer = service.get(f"{service.changes}?{query}")

    assert problem(answer) == (400, "bad-parameter")
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    "offset",
    [
        NOWHERE,
        "0000000001_00000000000000005000",
        "0000000000_00000000000000000000",
        "0000000002_00000000000000000001",
        "9999999999_99999999999999999999",
    ],
)
@pytest.mark.parametrize("live", [{}, {"live": "long-poll"}, {"live": "sse"}])
def test_a_position_that_never_was_is_410(service, problem, offset, live):
    answer = service.get(service.changes, params={"offset": offset, **live})

    assert problem(answer) == (410, "history-diverged")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("query", ["", "?offset=-1"])
def test_the_feed_can_not_be_written(service, problem, method, query):
    answer = service.request(method, service.changes + query)

    assert problem(answer) == (405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "query", ["", "?offset=now", "?offset=-1&live=long-poll", "?offset=", f"?offset={NOWHERE}"]
)
@pytest.mark.usefixtures("changes")
def test_every_answer_forbids_guessing_and_embedding(service, query):
    answers = [service.get(service.changes + query), service.put(service.changes + query)]

    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "stream-closed" not in answer.headers


def test_a_facade_that_came_later_begins_where_its_copy_began(
    server, facade, shared_programs, changes, problem, write
):
    late = shared_programs.facade(str(server.base_url), "filial").start()
    with type(facade)("facade", late.url) as there:
        beginning = read(there)
        before = there.get("/client/changes", params={"offset": changes[5]})
        (receipt,) = there.submit(write("insert", set={"name": "After"}))
        after = read(there, offset=changes[-1])
    late.stop()

    assert beginning.content == b"[]"
    assert beginning.headers["stream-next-offset"] == changes[-1]
    assert problem(before) == (410, "offset-gone")
    assert before.headers["cache-control"] == "no-store"
    assert after.headers["stream-next-offset"] == receipt["version"]
    assert after.content == read(server, offset=changes[-1]).content
