"""Answers every request with the same bytes: bare_protocol.py PORT FILE."""

import asyncio
import sys
from pathlib import Path

import uvloop


class Fixed(asyncio.Protocol):
    """Parses nothing but the ends of requests."""

    answer = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember where to write."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request that ended."""
        self._transport.write(self.answer * data.count(b"\r\n\r\n"))


async def main(port: int, body: bytes) -> None:
    """Serve for ever."""
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    Fixed.answer = head.encode() + body
    server = await asyncio.get_running_loop().create_server(Fixed, "127.0.0.1", port)
    await server.serve_forever()


uvloop.run(main(int(sys.argv[1]), Path(sys.argv[2]).read_bytes()))
