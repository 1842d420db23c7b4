"""``/metrics`` of server and facade, and what happens before a handler."""

import re
import time

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_plain

DURATION = "clientela_request_duration_seconds"
OPENMETRICS_2 = "application/openmetrics-text; version=2.0.0"


def requests_of(route, families):
    """Count the requests of a route, in classic or native histograms."""
    samples = [s for f in families if f.name == DURATION for s in f.samples]
    classic = [s.value for s in samples if s.name.endswith("_count") and s.labels["route"] == route]
    native = [s for s in samples if s.native_histogram and s.labels["route"] == route]
    return sum(classic) + sum(s.native_histogram.count_value for s in native)


def scrape(service, accept, parse):
    answer = service.get("/metrics", headers={"accept": accept})
    assert answer.status_code == 200
    return list(parse(answer.text))


def test_each_request_is_counted(service):
    def counted():
        plain = requests_of("/livez", scrape(service, "text/plain", parse_plain))
        native = requests_of("/livez", scrape(service, OPENMETRICS_2, parse_openmetrics))
        return plain, native

    before, _ = counted()
    for _ in range(7):
        service.get("/livez")
    deadline = time.monotonic() + 30
    while counted() != (before + 7, before + 7):
        assert time.monotonic() < deadline, (before, counted())
        time.sleep(0.05)


def test_the_loop_and_the_log_are_watched(service):
    deadline = time.monotonic() + 30
    samples = {}
    while not samples.get("clientela_event_loop_lag_seconds_count"):
        assert time.monotonic() < deadline
        families = scrape(service, "text/plain", parse_plain)
        samples = {s.name: s.value for f in families for s in f.samples}

    assert samples["clientela_log_entries_dropped_total"] == 0
    assert samples["clientela_log_entries_waiting"] >= 0
    assert samples["clientela_clients"] >= 0


def test_each_answer_tells_its_time_in_the_queue(service):
    told = service.get("/livez").headers["server-timing"]

    assert re.match(r"total;dur=[0-9.]+, queue;dur=[0-9.]+", told)


def test_each_entry_tells_its_time_in_the_queue(service):
    service.get("/livez")
    deadline = time.monotonic() + 30
    while not (entries := service.get("/logs", params={"route": "/livez", "limit": 1}).json()):
        assert time.monotonic() < deadline
        time.sleep(0.05)

    assert entries[0]["parts"]["queue"] <= entries[0]["latency_us"]
