import math
import re
from itertools import accumulate

import pytest
from fastapi import FastAPI
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_plain

from clientela.log_facade import exposition, seconds
from clientela.log_facade.exports import Exports
from clientela.log_facade.packing import batch_of
from clientela.log_facade.recorder import Recorder
from clientela.log_facade.totals import Totals
from clientela.web.metrics import Figure

OPENMETRICS_2 = "application/openmetrics-text; version=2.0.0"
OPENMETRICS_1 = "application/openmetrics-text; version=1.0.0"
PROMETHEUS_3 = (
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;q=0.7,"
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "text/plain;version=1.0.0;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
LATENCIES_US = [0, 1, 61, 62, 90, 90, 977, 15_625, 15_626, 250_000, 16_000_000, 16_000_001, 2**40]


@pytest.fixture
def totals():
    return Totals()


@pytest.fixture
def app(totals):
    recorder = Recorder(lambda: None)
    recorder._lost = 3
    exports = Exports("matriz", recorder, totals)

    app = FastAPI()
    app.include_router(exports.routes(lambda: {"clients": Figure("Clients.", 7)}))
    return app


@pytest.fixture
def scrape(app, client_of):
    async def ask(accept=None):
        headers = {} if accept is None else {"accept": accept}
        async with client_of(app) as http:
            return await http.get("/metrics", headers=headers)

    return ask


def histograms(families, name="clientela_request_duration_seconds"):
    (family,) = [family for family in families if family.name == name]
    assert family.type == "histogram"
    return family.samples


def at_most(bound_s):
    return sum(latency_us / 1e6 <= bound_s for latency_us in LATENCIES_US)


@pytest.mark.parametrize(
    ("accept", "parse"),
    [(None, parse_plain), ("text/plain", parse_plain), (OPENMETRICS_1, parse_openmetrics)],
)
async def test_classic_buckets_count_the_requests_exactly(
    accept, parse, scrape, totals, make_record
):
    totals(batch_of([make_record(latency_us=latency) for latency in LATENCIES_US]))
    samples = histograms(parse((await scrape(accept)).text))

    labels = {"facade": "matriz", "method": "GET", "route": "/client", "status": "2xx"}
    told = {float(s.labels["le"]): s.value for s in samples if s.name.endswith("_bucket")}
    named = {s.name: s for s in samples}
    assert told == {bound: at_most(bound) for bound in told}
    assert len(told) == len(exposition.OCTAVES) + 1
    assert min(told) == 2**-14
    assert max(told) == math.inf
    assert named["clientela_request_duration_seconds_count"].value == len(LATENCIES_US)
    assert named["clientela_request_duration_seconds_sum"].value == sum(LATENCIES_US) / 1e6
    assert named["clientela_request_duration_seconds_sum"].labels == labels


def native_buckets(line):
    """Read the buckets of a sample by their upper bound in seconds.

    prometheus_client's parser takes no span that begins below 1 s: its offset is negative.
    """
    spans = re.search(r"positive_spans:\[([^]]*)]", line)[1].split(",")
    deltas = re.search(r"positive_deltas:\[([^]]*)]", line)[1].split(",")
    counts = accumulate(map(int, deltas))
    index, found = 0, {}
    for offset, length in (map(int, span.split(":")) for span in spans):
        index += offset
        for _ in range(length):
            found[index] = next(counts)
            index += 1
    return {2 ** (i / 8): count for i, count in found.items() if count}


async def test_native_buckets_count_the_requests_exactly(scrape, totals, make_record):
    totals(batch_of([make_record(latency_us=latency) for latency in LATENCIES_US]))
    text = (await scrape(OPENMETRICS_2)).text
    (sample,) = histograms(parse_openmetrics(text))

    (line,) = re.findall(r"^clientela_request_duration_seconds{.*", text, re.MULTILINE)
    buckets = native_buckets(line)
    told = sample.native_histogram
    assert (told.schema, told.zero_threshold, told.zero_count) == (3, 0, 1)
    assert (told.count_value, told.sum_value) == (len(LATENCIES_US), sum(LATENCIES_US) / 1e6)
    assert told.count_value == told.zero_count + sum(buckets.values())
    cumulated = dict(zip(buckets, accumulate(buckets.values()), strict=True))
    assert [1 + count for bound, count in cumulated.items() if bound <= 2**20] == [
        at_most(bound * (1 + 1e-12)) for bound in cumulated if bound < 2**20
    ] + [len(LATENCIES_US)]


async def test_statuses_of_a_class_are_one_series(scrape, totals, make_record):
    totals(batch_of([make_record(status=status, latency_us=10) for status in (200, 201, 404, 503)]))
    samples = histograms(parse_plain((await scrape()).text))

    counts = {s.labels["status"]: s.value for s in samples if s.name.endswith("_count")}
    sums = {s.labels["status"]: s.value for s in samples if s.name.endswith("_sum")}
    assert counts == {"2xx": 2, "4xx": 1, "5xx": 1}
    assert sums["2xx"] == pytest.approx(2e-5)
    assert [total.count for total in totals.read()] == [1, 1, 1, 1]


async def test_figures_stand_beside_the_histograms(scrape):
    for accept, parse in [("", parse_plain), (OPENMETRICS_2, parse_openmetrics)]:
        families = list(parse((await scrape(accept)).text))
        values = {s.name: s.value for f in families for s in f.samples}

        assert values["clientela_clients"] == 7
        assert values["clientela_log_entries_dropped_total"] == 3
        assert values["clientela_log_entries_waiting"] == 0
        assert "clientela_event_loop_lag_seconds" in {f.name for f in families}


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, "text/plain; version=0.0.4; charset=utf-8"),
        ("*/*", "text/plain; version=0.0.4; charset=utf-8"),
        ("text/plain;version=1.0.0", "text/plain; version=1.0.0; charset=utf-8"),
        (OPENMETRICS_1, "application/openmetrics-text; version=1.0.0; charset=utf-8"),
        (OPENMETRICS_2, "application/openmetrics-text; version=2.0.0; charset=utf-8"),
        (
            PROMETHEUS_3,
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        ),
        (f"{OPENMETRICS_1};q=0.5, {OPENMETRICS_2};q=0.8", OPENMETRICS_2 + "; charset=utf-8"),
        (f"{OPENMETRICS_2};q=0", "text/plain; version=0.0.4; charset=utf-8"),
        (
            "application/openmetrics-text;version=x;q=y,;;=",
            "text/plain; version=0.0.4; charset=utf-8",
        ),
    ],
)
async def test_the_format_is_the_scrapers_choice(accept, content_type, scrape):
    answer = await scrape(accept)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == content_type
    assert answer.headers["vary"] == "Accept"
    assert ("# EOF" in answer.text) == content_type.startswith("application/openmetrics")


def test_runs_are_joined_over_small_gaps_only():
    assert list(exposition._spans([0, 1, 4, 9])) == [(0, 5), (9, 10)]
    assert list(exposition._spans([])) == []
    assert exposition._offsets([(0, 5), (9, 10)]) == [seconds.INDEX_MIN, 4]


async def test_a_histogram_of_nothing_can_be_read(scrape):
    (empty,) = histograms(
        parse_openmetrics((await scrape(OPENMETRICS_2)).text), "clientela_event_loop_lag_seconds"
    )

    assert empty.native_histogram.count_value == 0
