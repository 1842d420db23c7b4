"""One insert until every one of many followers has it, and what a follower costs in memory."""

import time

from load.fan_out import following
from measure.stage import Stage, say
from peers.live import Live
from peers.peer import PeerError
from peers.roster import LIVE
from report.statistics import percentile

PAUSE_S = 0.05
STREAM_S = 40  # our streams end after a minute: all is done before


def measure(stage: Stage) -> None:
    """Measure every service with followers."""
    for count in stage.form.followers:
        for peer in stage.running(LIVE):
            if count <= peer.followers_max:
                say(f"{count:,} followers, {peer.title}")
                _followed(stage, peer, count)


def _followed(stage: Stage, peer: Live, count: int) -> None:
    figure, results = f"fan_out_{count}", stage.results
    publisher, published = peer.publisher(), stage.newcomers(stage.form.deliveries)
    before = peer.rss_bytes()
    with following() as followers:
        try:
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
        except (PeerError, OSError, TimeoutError) as error:
            say(f"WRONG: {peer.title}: {error}")
            results.check(figure, peer.name, looked_at=count, missing=count)
            return
        results.add(f"{figure}_memory", peer.name, (peer.rss_bytes() - before) / count)
    results.add(f"{figure}_p50", peer.name, 1_000 * percentile(all_had, 50))
    results.add(f"{figure}_p99", peer.name, 1_000 * percentile(all_had, 99))
    results.add(f"{figure}_each_p99", peer.name, 1_000 * percentile(each_had, 99))
    results.check(figure, peer.name, looked_at=len(each_had), missing=0)
