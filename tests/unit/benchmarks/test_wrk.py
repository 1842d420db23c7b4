"""What wrk tells, and what it is made to ask for."""

from pathlib import Path

import pytest

from load import wrk
from load.clients import clients
from peers.bare import Bare

REPORT = """Running 3s test @ http://127.0.0.1:8001
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.02ms  210.11us   9.10ms   91.02%
  92311 requests in 3.00s, 35.10MB read
{more}Requests/sec:  30770.33
Transfer/sec:     11.70MB
"""


def test_a_report_is_read():
    load = wrk.read_report(REPORT.format(more=""), checked=40, wrong=0)

    assert load == wrk.Load(30770.33, 92_311, failed=0, checked=40, wrong=0)
    assert load.right


@pytest.mark.parametrize(
    ("more", "failed"),
    [
        ("  Non-2xx or 3xx responses: 12\n", 12),
        ("  Socket errors: connect 1, read 20, write 0, timeout 3\n", 24),
    ],
)
def test_failures_are_counted(more, failed):
    load = wrk.read_report(REPORT.format(more=more), checked=40, wrong=0)

    assert load.failed == failed
    assert not load.right


def test_what_is_no_report_is_an_error():
    with pytest.raises(ValueError, match="no report"):
        wrk.read_report("unable to connect", checked=0, wrong=0)


@pytest.mark.skipif(wrk.missing(), reason="wrk is not installed")
def test_answers_whose_bytes_are_others_are_counted_while_the_load_runs(tmp_path: Path):
    peer = Bare(tmp_path)
    peer.prepare(clients(1))
    body = peer._always
    try:
        load = wrk.wrk(
            peer.port,
            ["/a", "/b"],
            expected={"/a": body, "/b": body + b" "},
            seconds=1,
            connections=4,
            folder=tmp_path,
            seed=1,
        )
    finally:
        peer.close()

    assert load.requests > 100
    assert load.failed == 0
    assert load.checked >= 10
    assert load.checked // 2 - 1 <= load.wrong <= load.checked // 2 + 1
