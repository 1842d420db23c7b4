"""The clients that every peer holds: the same seed, the same clients with the same ids."""

import random
from collections.abc import Collection, Sequence
from typing import Any

from clientela.cli.demo_people import NOTES, people

FIELDS = ("name", "email", "phone", "document", "notes")
CREATED_AT = "2026-11-01T12:00:00.000000Z"
_FIRST_MS = 0x0198C5A27D31  # the time in the first id

Client = dict[str, Any]


def clients(count: int, seed: int = 1) -> list[Client]:
    """Make clients in the order of their ids; no two share a document."""
    chance = random.Random(seed)  # noqa: S311 - not a secret
    unique = {person["document"]: person for person in people(count + count // 100 + 10, seed)}
    chosen = list(unique.values())[:count]
    return [_client(number, person, chance) for number, person in enumerate(chosen)]


def newcomers(count: int, seed: int = 2) -> list[Client]:
    """Make clients to insert, with every field filled; their documents differ from the others'."""
    chance = random.Random(seed)  # noqa: S311 - not a secret
    made = clients(count, seed)
    for number, client in enumerate(made):
        client["id"] = _id(10_000_000 * seed + number, chance)
        client["email"] = client["email"] or f"cliente{number}@example.com"
        client["phone"] = client["phone"] or f"+55119{90_000_000 + number % 9_999_999:08}"
        client["notes"] = client["notes"] or NOTES[number % len(NOTES)]
    return made


def without(made: Sequence[Client], taken: Collection[str]) -> list[Client]:
    """Leave out the clients whose documents are taken."""
    return [client for client in made if client["document"] not in taken]


def documents_of(made: Sequence[Client]) -> set[str]:
    """Give the documents of clients."""
    return {client["document"] for client in made}


def _client(number: int, person: dict[str, str], chance: random.Random) -> Client:
    return {"id": _id(number, chance), **{field: person.get(field) for field in FIELDS}}


def _id(number: int, chance: random.Random) -> str:
    """Make a UUIDv7 (RFC 9562), one a millisecond."""
    time = f"{_FIRST_MS + number:012x}"
    rest = f"{chance.getrandbits(74):019x}"
    variant = "89ab"[chance.getrandbits(2)]
    return f"{time[:8]}-{time[8:]}-7{rest[:3]}-{variant}{rest[3:6]}-{rest[6:18]}"
