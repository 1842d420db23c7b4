"""The first thousand clients: while nothing changes, and with a change before every request."""

import time

from load.http import Connection
from load.wrk import wrk
from measure.point_read import add
from measure.stage import Stage, in_turns, say
from peers.peer import Peer, PeerError, shows
from peers.roster import READERS

CONNECTIONS = 4
CHANGED_AT = 500  # the client of the list that is changed
UNCHANGED, CHANGED = "list_unchanged", "list_changed"


def measure(stage: Stage) -> None:
    """Measure every peer that has lists."""
    peers = [peer for peer in stage.running(READERS) if peer.lists]
    for peer in in_turns(peers, stage.form.rounds):
        say(f"lists of {peer.page_items:,}, {peer.title}")
        with stage.noting(UNCHANGED, peer):
            _unchanged(stage, peer)
        if peer.changes:
            with stage.noting(CHANGED, peer):
                _changed(stage, peer)


def _unchanged(stage: Stage, peer: Peer) -> None:
    if not peer.is_right_page(stage.clients):
        raise PeerError("the list is not of the first clients")
    body = peer.get(peer.page()).body
    load = wrk(
        peer.port,
        [peer.page()],
        expected={peer.page(): body},
        seconds=stage.form.seconds,
        connections=CONNECTIONS,
        folder=peer.folder,
        seed=1,
    )
    add(stage, UNCHANGED, peer, load)


def _changed(stage: Stage, peer: Peer) -> None:
    """Time the lists alone, not the changes; each list must show the change before it."""
    place = min(CHANGED_AT, peer.page_items - 1)
    client = stage.clients[place]
    lists, took_s, wrong, began = 0, 0.0, 0, time.perf_counter()
    with Connection(peer.port) as connection:
        while time.perf_counter() - began < stage.form.seconds:
            notes = f"Mudou {lists} vezes."
            changed = connection.ask(peer.change(client, {"notes": notes}))
            asked = time.perf_counter()
            answer = connection.get(peer.page())
            took_s += time.perf_counter() - asked
            lists += 1
            found = peer.clients_in(answer.body)[place] if answer.status == 200 else {}
            wrong += changed.status >= 300 or not shows(found, {**client, "notes": notes})
        connection.ask(peer.change(client, {"notes": client["notes"]}))
    stage.results.add(CHANGED, peer.name, lists / took_s)
    stage.results.check(CHANGED, peer.name, looked_at=lists, wrong=wrong)
