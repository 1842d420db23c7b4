"""Services with live followers: how one follows, and how something is published."""

import json
import socket
from typing import Protocol

from load.clients import Client
from load.fan_out import Followers
from load.http import TIMEOUT_S, Connection, request
from peers.clientela import Clientela
from peers.installed import missing_program
from peers.peer import Peer, PeerError
from peers.pocketbase import PocketBase


class Publisher(Protocol):
    """Publishes clients over one connection."""

    def send(self, client: Client) -> None:
        """Ask for it, and return at once."""

    def settle(self) -> None:
        """Wait until it was answered; raises PeerError when that was a refusal."""

    def close(self) -> None:
        """End its connection."""


class Live(Peer):
    """A service with followers; each hears a client's document when it is published."""

    followers_max = 5_000
    alone_bytes: int | None = None  # its memory without followers, once it was measured

    def follow(self, followers: Followers, count: int) -> None:
        """Open so many followers, and wait until each follows."""
        raise NotImplementedError

    def publisher(self) -> Publisher:
        """Give what publishes."""
        return HttpPublisher(self)


class HttpPublisher:
    """Inserts clients by the ordinary route."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._connection = Connection(peer.port)

    def send(self, client: Client) -> None:
        """Ask for the insert."""
        self._connection.send(self._peer.insert(client))

    def settle(self) -> None:
        """Wait for the answer."""
        answer = self._connection.receive()
        if not self._peer.is_inserted(answer.status, answer.body):
            raise PeerError(f"not inserted: {answer.status} {answer.body[:200]!r}")

    def close(self) -> None:
        """End its connection."""
        self._connection.close()


class ClientelaFeed(Clientela, Live):
    """The server's feed by SSE: an insert with fsync, then all hear of it."""

    name = "clientela-feed"
    title = "Clientela, server's feed (SSE)"

    def follow(self, followers: Followers, count: int) -> None:
        """Open so many followers."""
        hello = request("GET", "/clients/changes?offset=now&live=sse")
        followers.open(self.port, count, hello, b"event: control")


class PocketBaseRealtime(PocketBase, Live):
    """PocketBase's events by SSE."""

    name = "pocketbase-realtime"
    title = "PocketBase, realtime (SSE)"
    followers_max = 1_000

    def follow(self, followers: Followers, count: int) -> None:
        """Open so many followers; each subscribes by a request of its own."""
        followers.open(self.port, count, request("GET", "/api/realtime"), b"}\n\n")
        with Connection(self.port) as connection:
            for follower in followers:
                data = follower.greeting.split(b"data:")[1].split(b"\n")[0]
                wanted = {"clientId": json.loads(data)["clientId"], "subscriptions": ["clients/*"]}
                answer = connection.ask(request("POST", "/api/realtime", wanted))
                if answer.status != 204:
                    raise PeerError(f"PocketBase takes no subscription: {answer.body!r}")


class _Broker(Live):
    """A broker, which keeps nothing."""

    durability = "nothing is on the disk"
    hello: bytes
    followed: bytes
    refused: bytes

    def prepare(self, clients: list[Client]) -> None:  # type: ignore[override]
        """Start it; it holds no clients."""
        del clients
        self.spawn(self.command(), ready=self.listens)

    def command(self) -> list[str]:
        """Give the command that runs it."""
        raise NotImplementedError

    def listens(self) -> bool:
        """Tell whether it takes connections."""
        socket.create_connection(("127.0.0.1", self.port), TIMEOUT_S).close()
        return True

    def follow(self, followers: Followers, count: int) -> None:
        """Open so many subscribers."""
        followers.open(self.port, count, self.hello, self.followed)

    def publication(self, payload: bytes) -> bytes:
        """Give what is sent to publish, with what makes the broker answer."""
        raise NotImplementedError

    def publisher(self) -> Publisher:
        """Give what publishes."""
        return _BrokerPublisher(self)


class _BrokerPublisher:
    def __init__(self, broker: _Broker) -> None:
        self._broker = broker
        self._socket = socket.create_connection(("127.0.0.1", broker.port), TIMEOUT_S)

    def send(self, client: Client) -> None:
        payload = json.dumps(client, ensure_ascii=False).encode()
        self._socket.sendall(self._broker.publication(payload))

    def settle(self) -> None:
        answer = self._socket.recv(4_096)
        if self._broker.refused in answer or not answer:
            raise PeerError(f"{self._broker.name} refused: {answer!r}")

    def close(self) -> None:
        self._socket.close()


class Redis(_Broker):
    """Redis, publish and subscribe."""

    name = "redis"
    title = "redis pub/sub"
    hello = b"SUBSCRIBE clients\r\n"
    followed = b":1\r\n"
    refused = b"-"

    @classmethod
    def missing(cls) -> str | None:
        """Say what is not installed, if anything."""
        return missing_program("redis-server")

    def command(self) -> list[str]:
        """Give the command that runs it."""
        return ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--save", "",
                "--maxclients", "10000"]  # fmt: skip

    def publication(self, payload: bytes) -> bytes:
        """Give a PUBLISH; its answer is the number of those that heard."""
        head = b"*3\r\n$7\r\nPUBLISH\r\n$7\r\nclients\r\n"
        return head + b"$%d\r\n%b\r\n" % (len(payload), payload)


class Nats(_Broker):
    """NATS, publish and subscribe."""

    name = "nats"
    title = "NATS"
    hello = b'CONNECT {"verbose":false}\r\nSUB clients 1\r\nPING\r\n'
    followed = b"PONG\r\n"
    refused = b"-ERR"

    @classmethod
    def missing(cls) -> str | None:
        """Say what is not installed, if anything."""
        return missing_program("nats-server")

    def command(self) -> list[str]:
        """Give the command that runs it."""
        return ["nats-server", "--addr", "127.0.0.1", "--port", str(self.port)]

    def publication(self, payload: bytes) -> bytes:
        """Give a PUB, and a PING that is answered after it."""
        return b"PUB clients %d\r\n%b\r\nPING\r\n" % (len(payload), payload)
