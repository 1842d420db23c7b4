"""One insert until every one of many followers has it, and what a follower costs in memory."""

import time
from contextlib import closing

from load.fan_out import following
from measure.stage import Stage, in_turns, say
from peers.live import Live, Publisher
from peers.roster import LIVE
from report.statistics import percentile

WARM_UP = 20
PAUSE_S = 0.05
STREAM_S = 40  # our streams end after a minute: all is done before


def measure(stage: Stage) -> None:
    """Measure every service with followers."""
    for count in stage.form.followers:
        peers = [peer for peer in stage.running(LIVE) if count <= peer.followers_max]
        for peer in in_turns(peers, stage.form.rounds):
            say(f"{count:,} followers, {peer.title}")
            with stage.noting(f"fan_out_{count}", peer), closing(peer.publisher()) as publisher:
                _followed(stage, peer, count, publisher)


def _warm_up(stage: Stage, peer: Live, publisher: Publisher) -> None:
    """Publish to one follower: what the first use costs is no follower's memory."""
    with following() as followers:
        peer.follow(followers, 1)
        for client in stage.newcomers(WARM_UP):
            followers.until_all_have(
                client["document"].encode(), lambda c=client: publisher.send(c)
            )
            publisher.settle()


def _followed(stage: Stage, peer: Live, count: int, publisher: Publisher) -> None:
    figure, results = f"fan_out_{count}", stage.results
    published = stage.newcomers(stage.form.deliveries)
    _warm_up(stage, peer, publisher)
    before = peer.rss_bytes()
    with following() as followers:
        peer.follow(followers, count)
        began, all_had, each_had = time.perf_counter(), [], []
        for client in published:
            marker = client["document"].encode()
            took_s = followers.until_all_have(marker, lambda client=client: publisher.send(client))
            publisher.settle()
            all_had.append(max(took_s))
            each_had += took_s
            if time.perf_counter() - began > STREAM_S:
                break
            time.sleep(PAUSE_S)
        results.add(f"{figure}_memory", peer.name, (peer.rss_bytes() - before) / 1_000 / count)
    results.add(f"{figure}_p50", peer.name, 1_000 * percentile(all_had, 50))
    results.add(f"{figure}_p99", peer.name, 1_000 * percentile(all_had, 99))
    results.add(f"{figure}_each_p99", peer.name, 1_000 * percentile(each_had, 99))
    results.check(figure, peer.name, looked_at=len(each_had))
