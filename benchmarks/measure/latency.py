"""Latency of point reads at a fixed rate of arrivals: half of what a peer answers at most."""

import random

from load.drive import drive
from load.http import Answer, request
from measure.point_read import HOT
from measure.stage import Stage, in_turns, right_answers, say
from peers.bare import Bare
from peers.clientela import Facade
from peers.fastapi import FastApi
from peers.fastify import Fastify
from peers.nginx import NginxReturn
from peers.peer import Peer
from peers.pocketbase import PocketBase
from report.statistics import percentile

PEERS = [Facade, Fastify, PocketBase, FastApi, NginxReturn, Bare]
AT_OUR_RATE = {NginxReturn, Bare}  # they tell what generator and loopback cost by themselves
CONNECTIONS = 64
TRIAL_REQUESTS = 3_000
PERCENTILES = {"latency_p50": 50, "latency_p99": 99, "latency_p999": 99.9}
RATE = "latency_rate"


def measure(stage: Stage) -> None:
    """Measure some peers."""
    peers = stage.running(PEERS)
    rates = {peer.name: _most(stage, peer) / 2 for peer in peers}
    for number, peer in enumerate(in_turns(peers, stage.form.rounds)):
        per_second = rates[peer.name]
        if type(peer) in AT_OUR_RATE:
            per_second = rates.get(Facade.name, per_second)
        say(f"latency at {per_second:,.0f}/s, {peer.title}")
        with stage.noting("latency", peer):
            _at_rate(stage, peer, per_second, seed=number)


def _most(stage: Stage, peer: Peer) -> float:
    """Give what it answers in a second at most: as measured by wrk, else by a trial."""
    measured = stage.results.median(HOT, peer.name)
    if measured is not None:
        return measured
    requests = [request("GET", peer.read(client)) for client in stage.hot[:TRIAL_REQUESTS]]
    return drive(peer.port, requests, connections=CONNECTIONS).per_second


def _at_rate(stage: Stage, peer: Peer, per_second: float, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - not a secret
    asked = chance.choices(stage.hot, k=int(per_second * stage.form.seconds))
    looked_at = right_answers(peer, stage.hot)
    requests = [request("GET", peer.read(client)) for client in asked]
    wanted = {number: looked_at.get(peer.read(client)) for number, client in enumerate(asked)}

    def judge(number: int, answer: Answer) -> bool:
        return answer.status == 200 and wanted[number] in {None, answer.body}

    driven = drive(peer.port, requests, connections=CONNECTIONS, per_second=per_second, judge=judge)
    stage.results.add(RATE, peer.name, per_second)
    for figure, percent in PERCENTILES.items():
        stage.results.add(figure, peer.name, 1_000 * percentile(driven.latencies_s, percent))
    seen = sum(body is not None for body in wanted.values())
    stage.results.check(
        "latency", peer.name, requests=len(requests), looked_at=seen, wrong=driven.wrong
    )
