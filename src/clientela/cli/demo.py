"""A running system with something in it: believable clients, and people at work with them."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any

import aiohttp
import typer
from rich.progress import Progress

from clientela import limits
from clientela.cli.clear_errors import clear_errors
from clientela.cli.demo_people import NOTES, people
from clientela.cli.options import Token, TokenFile, checked_url, token_of
from clientela.errors import StartupError


def demo(
    url: Annotated[str, typer.Option(help="A facade's address.")] = "http://127.0.0.1:8001",
    clients: Annotated[int, typer.Option(min=1, max=1_000_000, help="Clients to add.")] = 1_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same clients.")] = 1,
    token: Token = None,
    token_file: TokenFile = None,
) -> None:
    """Fill a running system with believable clients and some traffic."""
    with clear_errors():
        fill(checked_url(url), clients, seed, token_of(token, token_file))


def fill(url: str, count: int, seed: int, token: str | None = None) -> None:
    """Add clients through a facade, then read, search and change some; shows its progress.

    ``token`` is what a facade that asks for one is shown.

    A second time with the same seed meets documents that are there already: those are passed by.
    Raises StartupError when the facade does not answer.
    """
    try:
        added, passed = asyncio.run(_fill(url.rstrip("/"), people(count, seed), seed, token))
    except (aiohttp.ClientError, TimeoutError) as error:
        raise StartupError(
            f"{url} does not answer ({error}). Start the system: make run."
        ) from None
    print(f"{added} clients added, {passed} were there already. Look at {url}")  # noqa: T201


async def _fill(
    url: str, clients: Sequence[dict[str, str]], seed: int, token: str | None
) -> tuple[int, int]:
    shown = {"Authorization": f"Bearer {token}"} if token else {}
    timeout = aiohttp.ClientTimeout(total=3 * limits.SERVER_ANSWER_S)
    async with aiohttp.ClientSession(timeout=timeout, headers=shown) as session:
        locations: list[str] = []

        async def add(client: dict[str, str]) -> None:
            async with session.post(f"{url}/client", json=client) as response:
                if response.status == 201:  # noqa: PLR2004
                    locations.append(response.headers["Location"])
                elif response.status != 409:  # noqa: PLR2004
                    raise StartupError(f"The facade refused a client: {await response.text()}")

        with Progress() as progress:
            await _all(progress, "Clients", clients, add)
            await _all(
                progress, "Traffic", _traffic(locations, clients, seed), _visit(session, url)
            )
        return len(locations), len(clients) - len(locations)


async def _all(
    progress: Progress, title: str, items: Sequence[Any], work: Callable[[Any], Awaitable[None]]
) -> None:
    task = progress.add_task(title, total=len(items))
    waiting = iter(items)

    async def hand() -> None:
        for item in waiting:
            await work(item)
            progress.advance(task)

    await asyncio.gather(*(hand() for _ in range(limits.DEMO_REQUESTS_AT_ONCE)))


_Visit = tuple[str, str, dict[str, str] | None]


def _traffic(
    locations: Sequence[str], clients: Sequence[dict[str, str]], seed: int
) -> list[_Visit]:
    """Make what a day at the counter asks: mostly reads, some searches, a few changes."""
    chance = random.Random(seed)  # noqa: S311 - not a secret
    visits: list[_Visit] = []
    for client in clients:
        word = client["name"].split()[0]
        visits.append(
            ("GET", chance.choice(("/client?limit=50", f"/client?q={word}&limit=20")), None)
        )
    for location in locations:
        visits.append(("GET", location, None))
        if chance.random() < 0.1:  # noqa: PLR2004
            visits.append(("PATCH", location, {"notes": chance.choice(NOTES)}))
    chance.shuffle(visits)
    return visits


def _visit(session: aiohttp.ClientSession, url: str) -> Callable[[_Visit], Awaitable[None]]:
    async def visit(asked: _Visit) -> None:
        method, path, change = asked
        async with session.request(method, url + path, json=change) as response:
            await response.read()

    return visit
