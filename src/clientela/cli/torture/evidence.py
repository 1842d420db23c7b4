"""What is left when a run is over and healed: gathered over HTTP, and from the outboxes' files."""

import asyncio
import json
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp

from clientela import limits
from clientela.cli.torture.history import History
from clientela.cli.torture.system import Branch, System

_AT_ONCE = 16
_OPEN = "SELECT count(*) FROM outbox WHERE state IN ('pending', 'accepted')"
_COVERED = "SELECT count(*) FROM overlay"


@dataclass(frozen=True, slots=True)
class Left:
    """What one service shows: raw rows and messages, its position, and receipts by write."""

    name: str
    rows: Sequence[bytes]
    messages: Sequence[bytes]
    position: str
    receipts: dict[str, dict[str, Any] | None]
    digest: str | None = None
    sync: dict[str, Any] | None = None
    open_writes: int = 0
    overlays: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """The server, and every facade in order."""

    server: Left
    facades: Sequence[Left]


class NotConvergedError(Exception):
    """The facades did not come into step: says which, and how they stand."""


async def converge(session: aiohttp.ClientSession, system: System) -> float:
    """Wait until all facades are in step with nothing left to send; gives the seconds it took.

    Raises NotConvergedError.
    """
    began = time.monotonic()
    while True:
        apart = await _apart(session, system)
        if not apart:
            return time.monotonic() - began
        if time.monotonic() - began > limits.TORTURE_CONVERGE_S:
            raise NotConvergedError("; ".join(apart))
        await asyncio.sleep(0.25)


async def _apart(session: aiohttp.ClientSession, system: System) -> list[str]:
    """Tell what is not in step yet."""
    try:
        before = await _tip(session, system.server.url)
        found = [await _difference(session, branch, before) for branch in system.branches]
        after = await _tip(session, system.server.url)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return [f"no answer: {error!r}"]
    return [text for text in found if text] or ([] if before == after else ["still moving"])


async def _tip(session: aiohttp.ClientSession, url: str) -> str:
    async with session.get(f"{url}/clients?limit=1") as response:
        await response.read()
        return str(response.headers["Clientela-Version"])


async def _difference(session: aiohttp.ClientSession, branch: Branch, version: str) -> str | None:
    async with session.get(f"{branch.program.url}/sync") as response:
        sync = await response.json()
    waiting = await asyncio.to_thread(_counts, branch.database)
    digest = sync["digest"]
    agreed = digest["state"] == "agreed" and digest["version"] == version
    if sync["state"] == "live" and sync["version"] == version and agreed and waiting == (0, 0):
        return None
    return (
        f"{branch.program.name} is {sync['state']} at {sync['version']}, the server at {version}, "
        f"digest {digest['state']} at {digest['version']}, open writes {waiting[0]}, "
        f"overlays {waiting[1]}, last error {sync.get('last_error')}"
    )


def _counts(database: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        (open_writes,) = connection.execute(_OPEN).fetchone()
        (overlays,) = connection.execute(_COVERED).fetchone()
    return open_writes, overlays


async def gather(session: aiohttp.ClientSession, system: System, history: History) -> Evidence:
    """Read everything from everyone."""
    url = system.server.url
    rows, position, digest = await _rows(session, f"{url}/clients")
    server = Left(
        "server",
        rows,
        await _messages(session, f"{url}/clients/changes"),
        position,
        await _receipts(session, f"{url}/clients/writes/", list(history.writes)),
        digest=digest,
    )
    return Evidence(server, [await _facade(session, branch, history) for branch in system.branches])


async def _facade(session: aiohttp.ClientSession, branch: Branch, history: History) -> Left:
    url, name = branch.program.url, branch.program.name
    rows, position, _ = await _rows(session, f"{url}/client")
    async with session.get(f"{url}/sync") as response:
        sync = await response.json()
    number = int(name.rpartition("-")[2])
    asked = [write.write_id for write in history.writes.values() if write.facade == number]
    open_writes, overlays = await asyncio.to_thread(_counts, branch.database)
    return Left(
        name,
        rows,
        await _messages(session, f"{url}/client/changes"),
        position,
        await _receipts(session, f"{url}/client/writes/", asked),
        sync=sync,
        open_writes=open_writes,
        overlays=overlays,
    )


async def _rows(session: aiohttp.ClientSession, url: str) -> tuple[list[bytes], str, str | None]:
    async with session.get(url, headers={"Accept": "application/x-ndjson"}) as response:
        response.raise_for_status()
        body = await response.read()
        told = response.headers
        rows = [line for line in body.split(b"\n") if line]
        return rows, told["Clientela-Version"], told.get("Clientela-Digest")


async def _messages(session: aiohttp.ClientSession, url: str) -> list[bytes]:
    """Read a whole feed: messages as they stand there, byte by byte."""
    found: list[bytes] = []
    offset = "-1"
    while True:
        async with session.get(url, params={"offset": offset}) as response:
            response.raise_for_status()
            found += split_array(await response.read())
            offset = response.headers["Stream-Next-Offset"]
            if "Stream-Up-To-Date" in response.headers:
                return found


def split_array(body: bytes) -> list[bytes]:
    """Give the items of a JSON array as they stand in it."""
    text = body.decode()
    decoder = json.JSONDecoder()
    items: list[bytes] = []
    place = text.index("[") + 1
    while True:
        while text[place] in " ,\n":
            place += 1
        if text[place] == "]":
            return items
        _, end = decoder.raw_decode(text, place)
        items.append(text[place:end].encode())
        place = end


async def _receipts(
    session: aiohttp.ClientSession, url: str, write_ids: Sequence[str]
) -> dict[str, dict[str, Any] | None]:
    found: dict[str, dict[str, Any] | None] = {}
    waiting = iter(write_ids)

    async def ask() -> None:
        for write_id in waiting:
            async with session.get(url + write_id) as response:
                if response.status == HTTPStatus.NOT_FOUND:
                    found[write_id] = None
                    continue
                response.raise_for_status()
                found[write_id] = await response.json()

    await asyncio.gather(*(ask() for _ in range(_AT_ONCE)))
    return found
