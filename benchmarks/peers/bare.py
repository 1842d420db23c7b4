"""The limit of Python: a bare asyncio protocol on uvloop that answers fixed bytes."""

import sys
from collections.abc import Sequence

from load.clients import Client
from peers.installed import HERE
from peers.nginx import stored
from peers.peer import Peer


class Bare(Peer):
    """One process that parses nothing: the cost of a round trip over loopback."""

    name = "bare"
    title = "bare asyncio protocol on uvloop, fixed bytes"
    inserts = False
    changes = False
    lists = False

    def prepare(self, clients: Sequence[Client]) -> None:
        """Start it with the bytes of one client."""
        by_size = sorted(map(stored, clients), key=len)
        self._always = by_size[len(by_size) // 2]
        path = self.folder / "answer.json"
        path.write_bytes(self._always)
        self.spawn([sys.executable, HERE / "python" / "bare_protocol.py", str(self.port), path])

    def is_right(self, client: Client, body: bytes) -> bool:
        """Tell whether an answer is the only one that it has."""
        del client
        return body == self._always
