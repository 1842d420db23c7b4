"""What the latency log costs a facade: point reads with it and without it."""

from measure.point_read import read_for_a_while
from measure.stage import Stage, in_turns, say
from peers.clientela import Facade, FacadeWithoutLog

LOG = "log_switch"


def measure(stage: Stage) -> None:
    """Measure both, more often than others: they are close to each other."""
    peers = stage.running([Facade, FacadeWithoutLog])
    for number, peer in enumerate(in_turns(peers, stage.form.close_rounds)):
        say(f"log on and off, {peer.title}")
        read_for_a_while(stage, peer, LOG, stage.hot, seed=number)
