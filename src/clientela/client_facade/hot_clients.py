"""Clients that were read just now, ready to be sent: spares the database, never the truth."""

from collections.abc import Iterable
from typing import NamedTuple

from clientela import limits


class HotClient(NamedTuple):
    """A client as it is sent: the headers of its own, and its JSON."""

    head: bytes
    body: bytes


class HotClients:
    """Keeps clients by their id, in two generations: when the young are many, the old ones go.

    Whoever changes the database lets it forget, after the change and in the thread that reads: what
    is kept is then never older than what a read of the database would give.
    """

    def __init__(self, items_max: int = limits.HOT_CLIENTS_ITEMS_MAX) -> None:
        self._generation_items_max = items_max // 2
        self._young: dict[bytes, HotClient] = {}
        self._old: dict[bytes, HotClient] = {}

    def get(self, key: bytes) -> HotClient | None:
        """Give a client that is kept; ``key`` is its id in canonical form."""
        return self._young.get(key) or self._aged(key)

    def _aged(self, key: bytes) -> HotClient | None:
        found = self._old.get(key)
        if found is not None:
            self.keep(key, found)
        return found

    def keep(self, key: bytes, client: HotClient) -> None:
        """Keep a client, unless it is large."""
        if len(client.body) > limits.HOT_CLIENT_BYTES_MAX:
            return
        if len(self._young) >= self._generation_items_max:
            self._old, self._young = self._young, {}
        self._young[key] = client

    def forget(self, ids: Iterable[str] | None = None) -> None:
        """Let clients go: those of these ids, or all."""
        if ids is None:
            self._young, self._old = {}, {}
            return
        for client_id in ids:
            key = client_id.encode()
            self._young.pop(key, None)
            self._old.pop(key, None)
