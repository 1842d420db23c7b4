"""The server knows its facades, and each facade tells of them all."""

import time

import pytest

REPORT = {
    "state": "live",
    "version": None,
    "lag_ms": 3,
    "clients": 7,
    "digest": {
        "state": "agreed",
        "version": None,
        "agreed": True,
        "at": None,
        "rows_repaired": 0,
    },
    "outbox": {"pending": 2, "refused": 1, "oldest_age_ms": 900},
    "lost": 0,
    "requests": 10,
    "latency_us": {"p50": 80.0, "p95": 200.0, "p99": 300.0},
    "release": "0.1.0",
    "last_error": None,
}


@pytest.fixture
def reported(server, new_id):
    """Let a facade of its own name report, and forget it at the end."""
    name = f"filial-{new_id()}"

    def report(**changed):
        return server.put(f"/facades/{name}", json=REPORT | changed)

    yield name, report
    server.delete(f"/facades/{name}")


def facade_named(service, name):
    found = [known for known in service.get("/facades").json() if known["name"] == name]
    return found[0] if found else None


def test_a_facade_that_reports_is_listed_with_what_it_said_and_when(server, reported):
    name, report = reported

    assert report().status_code == 204

    known = facade_named(server, name)
    assert known["outbox"] == REPORT["outbox"]
    assert known["latency_us"] == REPORT["latency_us"]
    assert 0 <= known["seen_age_ms"] < 60_000
    assert known["seen_at"].endswith("Z")


def test_the_server_says_how_many_changes_a_facade_lacks(server, reported):
    name, report = reported
    version = server.tail()
    server.insert()

    report(version=version)

    assert facade_named(server, name)["behind"] == 1


def test_a_version_of_another_epoch_is_not_compared(server, reported):
    name, report = reported

    report(version="9999999999_00000000000000000001")

    assert facade_named(server, name)["behind"] is None


def test_a_running_facade_reports_by_itself_and_tells_of_all(pair, reported):
    name, report = reported
    report()
    deadline = time.monotonic() + 20
    own = pair["facade"].get("/sync").json()["name"]
    while (known := facade_named(pair["facade"], own) or {}).get("state") != "live":
        assert time.monotonic() < deadline, "the facade does not report"
        time.sleep(0.1)

    assert known["release"]
    assert facade_named(pair["facade"], name) is not None


def test_a_facade_that_is_no_more_can_be_forgotten(server, problem, reported):
    name, report = reported
    report()

    assert server.delete(f"/facades/{name}").status_code == 204
    assert facade_named(server, name) is None
    assert problem(server.delete(f"/facades/{name}")) == (404, "not-found")


def test_a_wrong_report_names_its_field(problem, reported):
    _, report = reported

    answer = report(outbox={"pending": "two", "refused": 0, "oldest_age_ms": None})

    assert problem(answer) == (422, "invalid")
    assert answer.json()["errors"][0]["field"] == "outbox.pending"


def test_a_name_that_can_be_no_facades_is_refused(server, problem):
    assert problem(server.put("/facades/a%20b", json=REPORT)) == (400, "malformed")


def test_what_a_newer_facade_says_beyond_that_is_passed_by(server, reported):
    name, report = reported

    assert report(weather="fair").status_code == 204
    assert "weather" not in facade_named(server, name)
