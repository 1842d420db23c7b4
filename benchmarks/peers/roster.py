"""Every peer by name."""

from peers.bare import Bare
from peers.clientela import Clientela, Facade, FacadeWithoutLog
from peers.datasette import Datasette
from peers.django import Django
from peers.fastapi import FastApi
from peers.fastify import Fastify
from peers.json_server import JsonServer
from peers.kinto import Kinto
from peers.live import ClientelaFeed, Live, Nats, PocketBaseRealtime, Redis
from peers.nginx import NginxFiles, NginxReturn
from peers.peer import Peer
from peers.pocketbase import PocketBase
from peers.pouchdb import PouchDb

READERS: list[type[Peer]] = [
    Facade, Fastify, PocketBase, FastApi, Django, Kinto, JsonServer, PouchDb, Datasette,
    NginxReturn, NginxFiles, Bare,
]  # fmt: skip
WRITERS: list[type[Peer]] = [
    Clientela, Facade, Fastify, PocketBase, FastApi, Django, Kinto, JsonServer, PouchDb
]  # fmt: skip
LIVE: list[type[Live]] = [ClientelaFeed, PocketBaseRealtime, Redis, Nats]

PEERS: dict[str, type[Peer]] = {
    peer.name: peer for peer in (*READERS, *WRITERS, *LIVE, FacadeWithoutLog)
}
