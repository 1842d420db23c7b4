"""A thousand followers of one server process: every change in order, little memory, a quick end."""

import asyncio
import re
import resource
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import uuid_utils

FOLLOWERS = 1_000
REQUEST = b"GET /clients/changes?offset=now&live=sse HTTP/1.1\r\nhost: localhost\r\n\r\n"
KB_EACH_MAX = 20  # 14 were measured; without letting the application's frames go it is 28
STOP_S_MAX = 5
END = b"\r\n0\r\n\r\n"
VERSION = re.compile(rb'"headers":\{[^}]*"version":"\d{10}_(\d{20})"')


class Line(asyncio.Protocol):
    """A follower's end of a connection, that keeps what it hears."""

    def connection_made(self, transport):
        self.heard, self.transport = bytearray(), transport
        transport.write(REQUEST)

    def data_received(self, data):
        self.heard += data


@pytest.fixture(autouse=True)
def open_files():
    """Let this process have as many connections as the test needs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def resident_kb(program):
    status = Path(f"/proc/{program.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


async def until(condition, timeout_s=40):
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)


async def open_lines(address, count):
    loop = asyncio.get_running_loop()
    lines = [
        (await loop.create_connection(Line, address.hostname, address.port))[1]
        for _ in range(count)
    ]
    await until(lambda: all(b"event: control" in line.heard for line in lines))
    return lines


def writes(count):
    return [
        {
            "write_id": str(uuid_utils.uuid7()),
            "operation": "insert",
            "client_id": str(uuid_utils.uuid7()),
            "set": {"name": "Ana"},
        }
        for _ in range(count)
    ]


async def test_all_hear_every_change_in_order_and_are_let_go_at_the_end(programs):
    program = programs.server().start()
    address = urlsplit(program.url)
    for line in await open_lines(address, 50):  # what the first ones cost is not theirs
        line.transport.abort()
    await asyncio.sleep(0.5)
    before_kb = resident_kb(program)

    lines = await open_lines(address, FOLLOWERS)
    kb_each = (resident_kb(program) - before_kb) / FOLLOWERS
    async with httpx.AsyncClient(base_url=program.url, timeout=30) as http:
        for size in (1, 1, 200, 1, 20):
            answer = await http.post("/clients/writes", json=writes(size))
            assert {receipt["outcome"] for receipt in answer.json()} == {"accepted"}
            began = time.monotonic()
            assert (await http.get("/livez")).status_code == 200
            assert time.monotonic() - began < 1  # amid the fan-out
        await asyncio.sleep(0.5)
        entries = (await http.get("/logs", params={"route": "/clients/changes"})).json()
    stopped = asyncio.create_task(asyncio.to_thread(program.stop))
    began = time.monotonic()
    await until(lambda: all(line.heard.endswith(END) for line in lines))
    await stopped
    stopped_s = time.monotonic() - began

    heard = {tuple(map(int, VERSION.findall(line.heard))) for line in lines}
    assert heard == {tuple(range(1, 224))}
    assert kb_each < KB_EACH_MAX
    assert stopped_s < STOP_S_MAX
    assert len(entries) == 50  # those that left; each is told of once
    assert {entry["error"] for entry in entries} == {"ClientDisconnected"}
