"""Just enough of HTTP/1.1 for a load generator: requests as bytes, and where an answer ends."""

import json
import re
import socket
from typing import Any, NamedTuple, Self

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
TIMEOUT_S = 120


class Answer(NamedTuple):
    """A whole answer; ``closes`` when its sender ends the connection after it."""

    status: int
    body: bytes
    closes: bool


def request(
    method: str,
    target: str,
    body: Any = None,
    *,
    media_type: str = "application/json",
    headers: dict[str, str] | None = None,
) -> bytes:
    """Encode a request; a body is sent as JSON."""
    lines = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    content = b""
    if body is not None:
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        lines += [f"Content-Type: {media_type}", f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content


def answer_in(received: bytes | bytearray, *, ended: bool = False) -> Answer | None:
    """Give the answer once it is whole; ``ended`` says that its sender has closed.

    Raises ValueError when it is no HTTP.
    """
    head_end = received.find(b"\r\n\r\n")
    if head_end < 0:
        return None
    head = bytes(received[:head_end])
    if not head.startswith(b"HTTP/1."):
        raise ValueError(f"no HTTP: {head[:60]!r}")
    status, start = int(head[9:12]), head_end + 4
    body = _body_in(head, received, start, status, ended=ended)
    if body is None:
        return None
    return Answer(status, body, closes=bool(_CLOSES.search(head)))


def _body_in(
    head: bytes, received: bytes | bytearray, start: int, status: int, *, ended: bool
) -> bytes | None:
    if status in {204, 304}:
        return b""
    if length := _LENGTH.search(head):
        end = start + int(length[1])
        return bytes(received[start:end]) if len(received) >= end else None
    if _CHUNKED.search(head):
        return _dechunked(received, start) if received.endswith(b"0\r\n\r\n") else None
    return bytes(received[start:]) if ended else None


def _dechunked(received: bytes | bytearray, start: int) -> bytes | None:
    parts = []
    while True:
        line_end = received.find(b"\r\n", start)
        if line_end < 0:
            return None
        size, start = int(bytes(received[start:line_end]).split(b";")[0], 16), line_end + 2
        if size == 0:
            return b"".join(parts)
        parts.append(bytes(received[start : start + size]))
        start += size + 2


class Connection:
    """One connection, kept alive, for requests one after another."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def ask(self, sent: bytes) -> Answer:
        """Send a request and wait for its answer; raises OSError when there is none."""
        self.send(sent)
        return self.receive()

    def send(self, sent: bytes) -> None:
        """Send a request."""
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), TIMEOUT_S)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(sent)

    def receive(self) -> Answer:
        """Wait for the answer to the request that was sent last."""
        assert self._socket is not None  # noqa: S101 - it was sent by this one
        received = bytearray()
        answer, ended = None, False
        while answer is None:
            if ended:
                self.close()
                raise ConnectionResetError("closed before the answer was whole")
            part = self._socket.recv(1 << 20)
            received += part
            ended = not part
            answer = answer_in(received, ended=ended)
        if answer.closes or ended:
            self.close()
        return answer

    def get(self, target: str) -> Answer:
        """Ask for a target."""
        return self.ask(request("GET", target))

    def close(self) -> None:
        """End it; the next request opens another."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
