import builtins
import gzip
import logging
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)

from clientela.log_facade.otlp import OtlpExport, otlp_export
from clientela.log_facade.otlp_sender import Sender
from clientela.log_facade.packing import batch_of
from clientela.log_facade.totals import Totals
from clientela.log_facade.wiring import LatencyLogs

STARTED_NS, NOW_NS = 1_795_435_200_000_000_000, 1_795_435_260_000_000_000
LATENCIES_US = [0, 1, 61, 62, 90, 90, 977, 15_625, 15_626, 250_000, 16_000_000, 16_000_001]


class Receiver(ThreadingHTTPServer):
    """A collector: keeps what it is sent, answers with ``status`` once ``open`` is set."""

    daemon_threads = True
    block_on_close = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests, self.paths, self.status = [], [], 200
        self.arrived, self.open = threading.Semaphore(0), threading.Event()
        self.open.set()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def take(self):
        assert self.arrived.acquire(timeout=60)
        return self.requests[-1]


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.requests.append(ExportMetricsServiceRequest.FromString(body))
        self.server.paths.append(self.path)
        self.server.arrived.release()
        self.server.open.wait(60)
        answer = ExportMetricsServiceResponse().SerializeToString()
        self.send_response(self.server.status)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


@pytest.fixture
def receiver():
    serving = Receiver()
    thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield serving
    serving.open.set()
    serving.shutdown()
    serving.server_close()
    thread.join()


@pytest.fixture
def environ(receiver, monkeypatch):
    # The SDK reads the process's own environment.
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
    monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "20")
    monkeypatch.setenv("NO_PROXY", "*")
    return dict(os.environ)


@pytest.fixture
def totals():
    return Totals(wall_ns=lambda: STARTED_NS)


def only_metric(request):
    (resource,) = request.resource_metrics
    (scope,) = resource.scope_metrics
    (metric,) = scope.metrics
    return resource.resource, scope.scope, metric


def plain(attributes):
    return {a.key: getattr(a.value, a.value.WhichOneof("value")) for a in attributes}


def test_the_receiver_is_told_exactly_what_was_counted(environ, receiver, totals, make_record):
    totals(batch_of([make_record(latency_us=latency) for latency in LATENCIES_US]))
    export = otlp_export(totals, "matriz", environ)
    export.start()
    resource, scope, metric = only_metric(receiver.take())
    export.close()

    told = plain(resource.attributes)
    (point,) = metric.exponential_histogram.data_points
    assert receiver.paths[0] == "/v1/metrics"
    assert (told["service.name"], told["service.instance.id"]) == ("clientela", "matriz")
    assert (scope.name, metric.name, metric.unit) == (
        "clientela",
        "http.server.request.duration",
        "s",
    )
    assert metric.exponential_histogram.aggregation_temporality == 2  # cumulative
    assert plain(point.attributes) == {
        "http.request.method": "GET",
        "http.route": "/client",
        "http.response.status_code": 200,
        "clientela.facade": "matriz",
    }
    assert (point.scale, point.zero_count, point.count) == (3, 1, len(LATENCIES_US))
    assert point.sum == sum(LATENCIES_US) / 1e6
    assert point.start_time_unix_nano == STARTED_NS
    assert point.time_unix_nano > STARTED_NS
    assert not point.HasField("max")
    assert filled(point) == expected(LATENCIES_US)


def filled(point):
    """Give the counts by OpenTelemetry's index: base^index < value ≤ base^(index + 1)."""
    counts = point.positive.bucket_counts
    return {point.positive.offset + i: count for i, count in enumerate(counts) if count}


def expected(latencies_us):
    found = {}
    for latency_us in filter(None, latencies_us):
        power, index = latency_us**8, -200
        while power << max(0, -index - 1) > 10**48 << max(0, index + 1):
            index += 1
        found[index] = found.get(index, 0) + 1
    return found


@pytest.mark.usefixtures("environ")
def test_errors_are_told_by_their_status(receiver, totals, make_record):
    totals(batch_of([make_record(status=status) for status in (404, 503)]))
    sender = Sender("matriz", STARTED_NS)

    assert sender.send(totals.read(), NOW_NS) is None
    sender.close()
    points = only_metric(receiver.take())[2].exponential_histogram.data_points
    found = {p["http.response.status_code"]: p for p in (plain(x.attributes) for x in points)}
    assert "error.type" not in found[404]
    assert found[503]["error.type"] == "503"
    assert {point.time_unix_nano for point in points} == {NOW_NS}


@pytest.mark.usefixtures("environ")
def test_an_operator_names_the_service(receiver, totals, make_record, monkeypatch):
    monkeypatch.setenv("OTEL_SERVICE_NAME", "shop")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=a1,region=sul")
    totals(batch_of([make_record()]))
    sender = Sender("matriz", STARTED_NS)
    sender.send(totals.read(), NOW_NS)
    sender.close()

    told = plain(only_metric(receiver.take())[0].attributes)
    assert (told["service.name"], told["service.instance.id"], told["region"]) == (
        "shop",
        "a1",
        "sul",
    )


def test_the_end_sends_what_is_new(environ, receiver, totals, make_record):
    export = otlp_export(totals, "matriz", {**environ, "OTEL_METRIC_EXPORT_INTERVAL": "3600000"})
    export.start()
    totals(batch_of([make_record()]))
    export.close()
    export.close()

    assert len(receiver.requests) == 1


def test_nothing_is_sent_before_the_first_request(environ, receiver, totals):
    export = otlp_export(totals, "matriz", environ)
    export.start()
    export.close()

    assert receiver.requests == []


class Away:
    """A sender whose receiver fails until told otherwise."""

    def __init__(self):
        self.why = "Connection refused"
        self.failing = False
        self.tried = threading.Semaphore(0)
        self.closed = 0

    def send(self, totals, now_ns):
        assert totals
        assert now_ns
        self.tried.release()
        if self.why == "raise":
            raise OSError("no route")
        return self.why

    def close(self):
        self.closed += 1

    def wait(self, times):
        for _ in range(times):
            assert self.tried.acquire(timeout=60)


def test_a_receiver_that_is_away_is_told_once_and_not_waited_for(totals, make_record, caplog):
    totals(batch_of([make_record()]))
    away = Away()
    export = OtlpExport(totals, away, interval_s=0.005)
    export.start()
    away.wait(4)
    away.why = "raise"
    away.wait(4)
    away.why = None
    away.wait(3)
    export.close()

    messages = [record.getMessage() for record in caplog.records]
    assert messages == [
        "OpenTelemetry's receiver can't be reached, it is tried again: Connection refused",
        "OpenTelemetry's receiver is reached again",
    ]
    assert away.closed


@pytest.mark.usefixtures("environ")
def test_the_sdk_says_its_reasons_to_us_alone(receiver, totals, make_record, caplog):
    receiver.status = 400
    totals(batch_of([make_record()]))
    sender = Sender("matriz", STARTED_NS)
    why = sender.send(totals.read(), NOW_NS)
    sender.close()

    assert "400" in why
    assert caplog.records == []
    assert logging.getLogger("opentelemetry.exporter.otlp.proto.http.metric_exporter").filters == []


@pytest.mark.usefixtures("environ")
def test_a_receiver_that_never_answers_does_not_hold_the_end_up(
    receiver, totals, make_record, monkeypatch
):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "600")
    receiver.open.clear()
    totals(batch_of([make_record()]))
    export = OtlpExport(totals, Sender("matriz", STARTED_NS), interval_s=0.005, last_export_s=0.05)
    export.start()
    receiver.take()
    export.close()
    totals(batch_of([make_record()]))  # whoever records goes on

    assert export._thread.is_alive()  # it is left behind, as a daemon
    receiver.open.set()
    export._thread.join(60)


@pytest.mark.usefixtures("environ")
def test_a_retry_that_is_waited_for_ends_with_the_process(receiver, totals, make_record, caplog):
    receiver.status = 503
    totals(batch_of([make_record()]))
    export = OtlpExport(totals, Sender("matriz", STARTED_NS), interval_s=0.005, last_export_s=60)
    export.start()
    receiver.take()
    while not export._sender.failing:
        time.sleep(0.001)
    export.close()

    assert not export._thread.is_alive()
    assert len(receiver.requests) < 4
    assert "Transient error" in caplog.text


@pytest.mark.parametrize(
    ("environ", "warning"),
    [
        ({}, None),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x:4318", "OTEL_SDK_DISABLED": "true"}, None),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_METRICS_EXPORTER": "none"}, None),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "x:4318"}, "is no address"),
        ({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://x:y"}, "is no address"),
        (
            {
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://x",
                "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
            },
            "http/protobuf, not grpc",
        ),
    ],
)
def test_what_is_wrong_is_told_and_exports_nothing(environ, warning, totals, caplog):
    assert otlp_export(totals, "matriz", environ) is None
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == (warning is not None)
    assert warning is None or warning in told[0]


def test_missing_packages_are_named(environ, totals, caplog, monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name == "clientela.log_facade.otlp_sender":
            raise ImportError("No module named 'opentelemetry.sdk'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)

    assert otlp_export(totals, "matriz", environ) is None
    assert "pip install 'clientela[otlp]'" in caplog.text


def test_a_setting_that_the_sdk_refuses_is_told(environ, totals, caplog, monkeypatch):
    monkeypatch.setenv("OTEL_PYTHON_EXPORTER_OTLP_HTTP_CREDENTIAL_PROVIDER", "nobody")

    assert otlp_export(totals, "matriz", environ) is None
    assert "nobody" in caplog.text


@pytest.mark.parametrize(("given", "interval_s"), [("", 60), ("1500", 1.5), ("soon", 60)])
def test_the_interval_is_opentelemetrys(environ, totals, given, interval_s):
    export = otlp_export(totals, "matriz", {**environ, "OTEL_METRIC_EXPORT_INTERVAL": given})

    assert export._interval_s == interval_s
    export._sender.close()


@pytest.mark.usefixtures("environ")
def test_a_host_exports_from_its_start_to_its_close(receiver, path, make_record, monkeypatch):
    monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "3600000")
    logs = LatencyLogs(path, facade="matriz")
    logs.start()
    logs.recorder.append(make_record())
    logs.close()
    logs.close()

    (point,) = only_metric(receiver.take())[2].exponential_histogram.data_points
    assert point.count == 1
