"""What the clients of a run write: valid, and never the same value twice, so a loss shows."""

import random

from stdnum.br import cpf

_FIRST_NUMBER = 900_000_000  # what the demo's people rarely have


class People:
    """Makes fields of clients, from one source of chance."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._count = 0
        self._documents = 0

    def field(self, name: str) -> str:
        """Make a new value of a field, in its normal form."""
        self._count += 1
        if name == "email":
            return f"c{self._count}@example.com"
        if name == "phone":
            return f"+55119{60_000_000 + self._count:08}"
        if name == "document":
            return self.document()
        return f"{name} {self._count} áçõ"

    def document(self) -> str:
        """Make a CPF that nobody has yet."""
        self._documents += 1
        body = f"{_FIRST_NUMBER - self._documents:09}"
        return next(n for n in (f"{body}{digits:02}" for digits in range(100)) if cpf.is_valid(n))

    def fields(self) -> dict[str, str | None]:
        """Make a whole client; some fields stay empty."""
        made: dict[str, str | None] = {"name": self.field("name")}
        for name in ("email", "phone", "document", "notes"):
            made[name] = self.field(name) if self._chance.random() < 0.7 else None  # noqa: PLR2004
        return made
