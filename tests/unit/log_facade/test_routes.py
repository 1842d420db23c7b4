import json
import re

import msgspec
import pytest

from clientela.log_facade.app import LogFacade
from clientela.log_facade.routes import log_router
from clientela.log_facade.shapes import LogEntry, LogSummary

NOON = "2026-11-23T12:00:00Z"
PERCENTILES = ("p50", "p75", "p90", "p95", "p99", "p99_9")


@pytest.fixture
async def http(path, client_of):
    app = LogFacade([path]).app
    async with app.router.lifespan_context(app), client_of(app) as client:
        yield client


@pytest.fixture
def some(path, fill, make_record, noon_us):
    fill(
        path,
        [
            make_record(
                noon_us + i,
                status=200 + 100 * (i % 4),
                error="BrokenPipeError" if i % 4 == 3 else None,
            )
            for i in range(8)
        ],
    )


@pytest.mark.usefixtures("some")
async def test_logs_are_a_bare_array_newest_first(http):
    answer = await http.get("/logs")

    entries = msgspec.json.decode(answer.content, type=list[LogEntry])
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert [entry.time[-2:] for entry in entries] == [f"{i}Z" for i in range(7, -1, -1)]


async def test_no_logs_are_an_empty_array(http):
    assert (await http.get("/logs")).json() == []
    assert (await http.get("/logs", params={"limit": 5})).json() == []


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.usefixtures("some")
async def test_pages_are_linked(http, order):
    url, found, sizes = f"/logs?limit=3&order={order}&from={NOON}", [], []
    while url:
        answer = await http.get(url)
        found += answer.json()
        sizes.append(len(answer.json()))
        link = answer.headers.get("link")
        url = link and re.fullmatch(r'<(.+)>; rel="next"', link)[1]

    assert sizes == [3, 3, 2]
    assert found == (await http.get("/logs", params={"order": order})).json()


@pytest.mark.usefixtures("some")
async def test_a_cursor_without_a_limit_streams_the_rest(http):
    first = await http.get("/logs", params={"limit": 3})
    rest = await http.get(first.links["next"]["url"].replace("limit=3&", ""))

    assert first.json() + rest.json() == (await http.get("/logs")).json()


@pytest.mark.usefixtures("some")
async def test_lines_on_request(http):
    answer = await http.get("/logs", headers={"accept": "application/x-ndjson"})

    assert answer.headers["content-type"] == "application/x-ndjson"
    assert [json.loads(line) for line in answer.text.splitlines()] == (
        await http.get("/logs")
    ).json()


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"status": "4xx"}, 2),
        ({"status": "500"}, 2),
        ({"from": "2026-11-23T12:00:00.000004Z"}, 4),
        ({"to": "2026-11-23T09:00:00.000004-03:00"}, 4),
        ({"method": "get", "route": "/client", "facade": "matriz"}, 8),
        ({"trace": "000102030405060708090A0B0C0D0E0F"}, 8),
        ({"trace": "f" * 32}, 0),
        ({"min_latency_us": 100, "max_latency_us": 100}, 8),
        ({"min_latency_us": 101}, 0),
        ({"error": "broken"}, 2),
        ({"not_route": "/livez,/client"}, 0),
        ({"not_route": "/livez,/sync"}, 8),
    ],
)
@pytest.mark.usefixtures("some")
async def test_filters_mean_the_same_in_list_and_summary(http, query, count):
    listed = await http.get("/logs", params=query)
    summed = await http.get("/logs/summary", params=query)

    assert (len(listed.json()), summed.json()["count"]) == (count, count)


@pytest.mark.usefixtures("some")
async def test_a_summary_has_its_whole_shape(http):
    answer = await http.get("/logs/summary", params={"to": "2026-11-23T12:01:00Z"})

    assert answer.json() == {
        "from": "2026-11-23T12:00:00.000000Z",
        "to": "2026-11-23T12:01:00.000000Z",
        "count": 8,
        "errors": 2,
        "error_rate": 0.25,
        "latency_us": {
            **dict.fromkeys(
                ["p50", "p75", "p90", "p95", "p99", "p99_9"], pytest.approx(100, 0.044)
            ),
            "max": 100,
            "mean": 100.0,
        },
        "dropped": 0,
    }


@pytest.mark.usefixtures("some")
async def test_groups_have_their_keys(http):
    params = {"from": NOON, "to": "2026-11-23T12:02:00Z", "by": "time", "step_s": 60}
    by_time = await http.get("/logs/summary", params=params)
    by_status = await http.get("/logs/summary", params={"by": "status"})

    assert [(group["key"], group["count"]) for group in by_time.json()["groups"]] == [
        ("2026-11-23T12:00:00.000000Z", 8),
        ("2026-11-23T12:01:00.000000Z", 0),
    ]
    assert [group["key"] for group in by_status.json()["groups"]] == ["2xx", "3xx", "4xx", "5xx"]
    msgspec.json.decode(by_time.content, type=LogSummary)


@pytest.mark.usefixtures("some")
async def test_a_heatmap_has_its_whole_shape(http):
    params = {"from": NOON, "to": "2026-11-23T12:02:00Z", "step_s": 60, "status": "2xx"}
    answer = await http.get("/logs/heatmap", params=params)

    about_100 = pytest.approx(100, 0.044)
    assert answer.json() == {
        "from": "2026-11-23T12:00:00.000000Z",
        "to": "2026-11-23T12:02:00.000000Z",
        "step_s": 60,
        "rows_per_octave": 2,
        "bounds_us": [128.0],
        "columns": [
            {
                "time": "2026-11-23T12:00:00.000000Z",
                "count": 2,
                "cells": [2],
                "latency_us": {"p50": about_100, "p95": about_100, "p99": about_100},
            },
            {"time": "2026-11-23T12:01:00.000000Z", "count": 0, "cells": [0], "latency_us": None},
        ],
    }


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=yesterday", "from"),
        ("to=2026-11-23", "to"),
        ("from=2026-11-23T12:00:00%2B00:00&to=2026-11-23T11:00:00Z", "from"),
        ("from=", "from"),
        ("from=2026-11-23T12:00:00+00:00", "from"),
        ("status=9xx", "status"),
        ("status=20", "status"),
        ("status=", "status"),
        ("trace=12", "trace"),
        ("facade=", "facade"),
        ("min_latency_us=-1", "min_latency_us"),
        ("max_latency_us=fast", "max_latency_us"),
        (f"max_latency_us={2**63}", "max_latency_us"),
        ("min_latency_us=2&max_latency_us=1", "min_latency_us"),
        ("latency=5", "latency"),
        ("facade=a&facade=b", "facade"),
    ],
)
@pytest.mark.parametrize("route", ["/logs", "/logs/summary", "/logs/heatmap", "/logs/compare"])
async def test_a_bad_parameter_is_named(http, route, query, field):
    answer = await http.get(f"{route}?{query}")

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "bad-parameter"
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("url", "field"),
    [
        ("/logs?limit=0", "limit"),
        ("/logs?limit=10001", "limit"),
        ("/logs?limit=ten", "limit"),
        ("/logs?order=up", "order"),
        ("/logs?cursor=abc", "cursor"),
        ("/logs?cursor=", "cursor"),
        (f"/logs?limit=5&cursor=a{'0' * 32}", "cursor"),
        ("/logs/summary?by=day", "by"),
        ("/logs/summary?step_s=60", "step_s"),
        ("/logs/summary?by=time&step_s=0", "step_s"),
        (f"/logs/summary?by=time&step_s=1&from=2026-01-01T00:00:00Z&to={NOON}", "step_s"),
        (f"/logs/heatmap?step_s=60&from=2026-11-23T00:00:00Z&to={NOON}", "step_s"),
        ("/logs/heatmap?rows_per_octave=3", "rows_per_octave"),
        ("/logs/heatmap?rows_per_octave=many", "rows_per_octave"),
        ("/logs/heatmap?by=time", "by"),
        ("/logs/compare?by=time", "by"),
        (f"/logs/compare?from={NOON}&to={NOON}", "from"),
        (f"/logs/compare?to={NOON}&against_from={NOON}&against_to={NOON}", "against_from"),
        ("/logs/compare?against_from=yesterday", "against_from"),
        ("/logs/compare?against_to=2026-11-23", "against_to"),
        ("/logs/compare?from=0001-01-01T00:00:00Z", "against_from"),
        (f"/logs/compare?to={NOON}&against_from=9999-12-31T23:59:59Z", "against_from"),
        ("/logs/compare?step_s=60", "step_s"),
        ("/logs?error=", "error"),
    ],
)
async def test_a_bad_parameter_of_one_route_is_named(http, url, field):
    answer = await http.get(url)

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_file_that_is_no_log_makes_the_service_unready(http, path):
    path.write_text("a diary, not a database" * 100)
    answers = [
        await http.get(url)
        for url in ("/readyz", "/logs", "/logs/summary", "/logs/heatmap", "/logs/compare")
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (503, "not-ready")
    ] * 5


async def test_the_openapi_document_describes_logs(http):
    document = (await http.get("/openapi.json")).json()

    assert document["info"]["title"] == "Clientela log facade"
    assert {"LogEntry", "LogSummary", "LogGroup", "Latencies"} <= set(
        document["components"]["schemas"]
    )
    listed = document["paths"]["/logs"]["get"]
    assert {parameter["name"] for parameter in listed["parameters"]} == {
        *("from", "to", "facade", "method", "route", "not_route", "status", "trace"),
        *("min_latency_us", "max_latency_us", "error", "limit", "cursor", "order"),
    }
    assert set(listed["responses"]) == {"200", "400", "401", "403", "429", "503"}


def test_a_router_is_made_for_any_reader():
    assert {route.path for route in log_router(None).routes} == {
        "/logs",
        "/logs/summary",
        "/logs/heatmap",
        "/logs/compare",
    }
