"""At a fixed rate a stall is charged to every request that was due meanwhile."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from load.drive import drive
from load.http import request
from report.statistics import percentile

STALL_S = 0.3
SERVER = f"""
import socket, selectors, sys, time
listener = socket.create_server(("127.0.0.1", 0), backlog=64)
print(listener.getsockname()[1], flush=True)
waiting, answered = selectors.DefaultSelector(), 0
waiting.register(listener, selectors.EVENT_READ)
while True:
    for key, _ in waiting.select():
        if key.fileobj is listener:
            waiting.register(listener.accept()[0], selectors.EVENT_READ)
        elif asked := key.fileobj.recv(65536):
            answered += 1
            if answered == int(sys.argv[1]):
                time.sleep({STALL_S})
            body = asked.split(b" ")[1]
            head = b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body)
            key.fileobj.sendall(head + body)
        else:
            waiting.unregister(key.fileobj)
"""


@pytest.fixture
def stalling_port(tmp_path: Path):
    """A server that answers with the target it was asked for, and sleeps before answer 100."""
    script = tmp_path / "server.py"
    script.write_text(SERVER)
    command = [sys.executable, str(script), "100"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield int(process.stdout.readline())
        process.terminate()


def test_a_stall_shows_in_all_the_latencies_that_it_caused(stalling_port):
    requests = [request("GET", f"/{number}") for number in range(500)]

    driven = drive(stalling_port, requests, connections=4, per_second=500)

    delayed = [latency for latency in driven.latencies_s if latency > STALL_S / 3]
    assert len(driven.latencies_s) == 500
    assert len(delayed) > 80  # two thirds of the 150 that were due while it slept
    assert percentile(driven.latencies_s, 99) > STALL_S * 0.8


def test_without_a_rate_the_same_stall_hides_in_a_few(stalling_port):
    requests = [request("GET", f"/{number}") for number in range(500)]

    driven = drive(stalling_port, requests, connections=4)

    assert len([latency for latency in driven.latencies_s if latency > STALL_S / 3]) <= 4


def test_requests_arrive_at_the_rate_that_was_asked_for(stalling_port):
    requests = [request("GET", f"/{number}") for number in range(300)]
    began = time.perf_counter()

    drive(stalling_port, requests, connections=4, per_second=600)

    assert 0.45 < time.perf_counter() - began < 1.5


def test_each_answer_is_judged_with_the_number_of_its_request(stalling_port):
    requests = [request("GET", f"/{number}") for number in range(200)]

    driven = drive(
        stalling_port,
        requests,
        connections=8,
        judge=lambda number, answer: answer.body == f"/{number}".encode() and number != 7,
    )

    assert sorted(driven.done) == [number for number in range(200) if number != 7]
    assert driven.wrong == 1
    assert driven.statuses == {200: 200}


def test_after_its_seconds_no_more_are_sent_and_all_that_were_are_answered(stalling_port):
    requests = [request("GET", f"/{number}") for number in range(10_000)]

    driven = drive(stalling_port, requests, connections=2, per_second=200, seconds=0.2)

    assert sorted(driven.done) == list(range(len(driven.done)))
    assert 20 < len(driven.done) < 100
