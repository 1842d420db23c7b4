"""The protocol without sockets: what a service writes, for bytes that come in parts."""

import asyncio
import re

import uvicorn
from uvicorn.server import ServerState

from clientela.web.arrival import ArrivalProtocol
from clientela.web.fast_path import FastProtocol, Heads

TURNS = 60  # of the loop: more than any few requests need
PARTS_MAX = 4
LETTERS = b"abcdefgh"


class Fast:
    """Answers GET /key/<4 letters a to h>, as the application does."""

    prefix = b"/key/"
    key_bytes = 4

    def known(self, _target, _headers):
        return None

    def plain(self, headers):
        return self.answer if [name for name, _ in headers] == [b"host"] else None

    def answer(self, key, _told, _received_ns, write):
        if key.strip(LETTERS):
            return False
        write(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n" + key)
        return True


async def application(scope, receive, send):
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body, more = body + message["body"], message["more_body"]
    path = scope["raw_path"]
    key = path.removeprefix(Fast.prefix)
    if not (path.startswith(Fast.prefix) and len(key) == 4 and not key.strip(LETTERS)):
        names = b",".join(name for name, _ in scope["headers"])
        key = b"|".join([scope["method"].encode(), path, scope["query_string"], names, body])
    headers = [(b"content-length", b"%d" % len(key))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": key})


class Transport(asyncio.Transport):
    """Keeps what is written; nobody is ever slow to read it."""

    def __init__(self):
        super().__init__()
        self.written, self.closing = b"", False

    def get_extra_info(self, _name, default=None):
        return default

    def write(self, data):
        if not self.closing:
            self.written += data

    def is_closing(self):
        return self.closing

    def can_write_eof(self):
        return False

    def close(self):
        self.closing = True

    abort = close

    def pause_reading(self):
        pass

    resume_reading = pause_reading


loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
config = uvicorn.Config(application, http=ArrivalProtocol, ws="none", log_config=None)
config.load()
heads = Heads(Fast())


async def _turns():
    for _ in range(TURNS):
        await asyncio.sleep(0)


def _said(protocol, parts):
    transport = Transport()
    protocol.connection_made(transport)
    for part in parts:
        if not transport.closing:
            protocol.data_received(part)
            loop.run_until_complete(_turns())
    protocol.connection_lost(None)
    loop.run_until_complete(_turns())
    return re.sub(rb"(?m)^date: [^\r\n]*\r\n", b"", transport.written)


def both_ways(data):
    """Give what is said to the same bytes with the fast path and without; a 0xff parts them."""
    parts = [part for part in data.split(b"\xff", PARTS_MAX) if part]
    options = {"config": config, "app_state": {}, "_loop": loop}
    fast = FastProtocol(heads, server_state=ServerState(), **options)
    plain = ArrivalProtocol(server_state=ServerState(), **options)
    return _said(fast, parts), _said(plain, parts)
