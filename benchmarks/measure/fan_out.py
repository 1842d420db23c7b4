"""One insert until every one of many followers has it, and what a follower costs in memory."""

import time
from collections.abc import Sequence
from contextlib import closing
from functools import partial

from load.clients import Client
from load.fan_out import Followers, following
from measure.stage import Stage, in_turns, say
from peers.live import Live
from peers.roster import LIVE
from report.statistics import percentile

WARM_UP = 20
PAUSE_S = 0.03
STREAM_S = 40  # our streams end after a minute: all is done before


def measure(stage: Stage) -> None:
    """Measure every service with followers."""
    for count in stage.form.followers:
        peers = [peer for peer in stage.running(LIVE) if count <= peer.followers_max]
        for peer in in_turns(peers, stage.form.rounds):
            say(f"{count:,} followers, {peer.title}")
            with stage.noting(f"fan_out_{count}", peer):
                _followed(stage, peer, count)


def _followed(stage: Stage, peer: Live, count: int) -> None:
    figure, results = f"fan_out_{count}", stage.results
    alone_bytes = _alone_bytes(stage, peer)
    with following() as followers:
        peer.follow(followers, count)
        deliveries = _publish(peer, followers, stage.newcomers(stage.form.deliveries))
        results.add(f"{figure}_memory", peer.name, (peer.rss_bytes() - alone_bytes) / 1_000 / count)
    all_had = [1_000 * max(took_s) for took_s in deliveries]
    each_had = [1_000 * seconds for took_s in deliveries for seconds in took_s]
    results.add(f"{figure}_p50", peer.name, percentile(all_had, 50))
    results.add(f"{figure}_p99", peer.name, percentile(all_had, 99))
    results.add(f"{figure}_each_p99", peer.name, percentile(each_had, 99))
    results.check(figure, peer.name, looked_at=len(each_had))


def _alone_bytes(stage: Stage, peer: Live) -> int:
    """Give its memory before it had many followers; what the first use costs is none of theirs.

    That is measured once: memory is not given back when they leave.
    """
    if peer.alone_bytes is None:
        with following() as followers:
            peer.follow(followers, 1)
            _publish(peer, followers, stage.newcomers(WARM_UP))
        peer.alone_bytes = peer.rss_bytes()
    return peer.alone_bytes


def _publish(peer: Live, followers: Followers, published: Sequence[Client]) -> list[list[float]]:
    """Publish one after another; gives after how many seconds each follower had each."""
    deliveries, began = [], time.perf_counter()
    with closing(peer.publisher()) as publisher:
        for client in published:
            send = partial(publisher.send, client)
            deliveries.append(followers.until_all_have(client["document"].encode(), send))
            publisher.settle()
            if time.perf_counter() - began > STREAM_S:
                break
            time.sleep(PAUSE_S)
    return deliveries
