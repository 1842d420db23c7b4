"""What the clients of a run asked, what they were answered, and what they saw."""

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

Verdict = Literal["accepted", "refused", "pending"]
Operation = Literal["insert", "update", "delete"]


class Answer(NamedTuple):
    """An answer that said what became of a write; times are seconds of one clock.

    ``era`` counts the power cuts of the facade; ``version`` and ``code`` are told when known.
    """

    at_s: float
    era: int
    verdict: Verdict
    version: str | None = None
    code: str | None = None


@dataclass(slots=True)
class Asked:
    """A write as a client asked for it; ``was`` is None where the facade adds what it shows.

    ``sent`` counts the requests: an answer that is lost is asked for again.
    """

    write_id: str
    facade: int
    operation: Operation
    client_id: str
    set: dict[str, str | None]
    was: dict[str, str | None] | None
    sent: int = 0
    answers: list[Answer] = field(default_factory=list)


class Seen(NamedTuple):
    """A read: when it began and ended, at which position, and one client if it was one."""

    facade: int
    era: int
    began_s: float
    ended_s: float
    position: str
    client_id: str | None
    status: int
    client: dict[str, Any] | None


@dataclass(slots=True)
class History:
    """All of it; ``oddities`` are answers and deaths that no fault excuses."""

    writes: dict[str, Asked] = field(default_factory=dict)
    reads: list[Seen] = field(default_factory=list)
    oddities: list[str] = field(default_factory=list)
    answers_lost: int = 0

    def ask(self, asked: Asked) -> Asked:
        """Note a write before it is sent for the first time."""
        self.writes[asked.write_id] = asked
        return asked
