"""The comparison itself, in small: real processes, ours and one peer that needs no installation."""

import sys

import pytest

from measure import inserts, latency
from measure.stage import Form, Stage
from peers import installed
from peers.clientela import Clientela, Facade
from peers.fastify import Fastify
from report.results import Results

SMALL = Form(300, 1, 1, seconds=0.3, deliveries=2, followers=(10,), grows=False)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the benchmarks are for Linux")


@pytest.fixture
def small_stage(tmp_path):
    def make(*names: str) -> Stage:
        made.append(Stage(SMALL, tmp_path, Results(), names))
        return made[-1]

    made: list[Stage] = []
    yield make
    for stage in made:
        stage.close()


def test_ours_and_a_peer_are_read_at_a_rate_and_answer_rightly(small_stage):
    stage = small_stage("clientela", "bare")

    latency.measure(stage)

    assert stage.results.figures["latency_p99"].keys() == {"clientela", "bare"}
    assert stage.results.checks["latency"]["clientela"]["looked_at"] > 0
    assert stage.results.wrong == {}


def test_every_insert_that_was_acknowledged_is_found_once(small_stage):
    stage = small_stage("clientela-server")

    inserts.measure(stage)

    assert stage.results.median("insert_one", Clientela.name) > 0
    assert stage.results.median("insert_hundred", Clientela.name) > 0
    assert stage.results.checks["rows"][Clientela.name]["looked_at"] > SMALL.clients
    assert stage.results.wrong == {}


def test_a_peer_that_is_not_installed_is_skipped_and_named(small_stage, tmp_path, monkeypatch):
    monkeypatch.setattr(installed, "NODE_MODULES", tmp_path)
    stage = small_stage()

    assert stage.running([Fastify]) == []
    assert "not installed" in stage.results.skipped["fastify"]


def test_a_peer_whose_answers_are_wrong_is_found_out(small_stage, monkeypatch):
    stage = small_stage("clientela")
    (facade,) = stage.running([Facade])
    monkeypatch.setattr(facade, "read", lambda _client: f"/client?id={stage.clients[0]['id']}")

    latency.measure(stage)

    assert stage.results.wrong == {"latency, clientela": {"wrong": 1}}
