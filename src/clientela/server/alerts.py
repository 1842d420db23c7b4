"""What is wrong with facades for so long that somebody should know, and when it is over.

A condition is told when it has held for a time, and as over when it has been gone for a while: what
comes and goes is told once. All is in memory: after a restart what still holds is told again.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, get_args

import msgspec

from clientela import limits
from clientela.clients.times import rfc3339
from clientela.server.tables import StoredReport
from clientela.web.metrics import Figure

Kind = Literal["facade-offline", "digest-differs", "outbox-aged"]

_DETAILS: dict[Kind, str] = {
    "facade-offline": "The facade has not reported.",
    "digest-differs": "Its replica differs from the register, and its repairs were in vain.",
    "outbox-aged": "Its oldest write waits for the server.",
}
_FIGURES: dict[Kind, str] = {
    "facade-offline": "facades_offline",
    "digest-differs": "facades_differing",
    "outbox-aged": "facades_outbox_aged",
}


class Alert(msgspec.Struct, frozen=True):
    """One message: ``alert`` holds, or no longer does, at ``facade`` since then; RFC 3339."""

    alert: Kind
    state: Literal["raised", "resolved"]
    facade: str
    since: str
    at: str
    detail: str
    register: str


class _Found(NamedTuple):
    facade: str
    kind: Kind
    since: datetime


@dataclass(slots=True)
class _Condition:
    since: datetime
    raised: bool = False
    gone_at: datetime | None = None


class Alerts:
    """Looks at what the facades of a register report; belongs to the event loop's thread.

    ``after_s`` is how long a condition may hold before it is told. ``tell`` takes the messages.
    """

    def __init__(
        self,
        reports: Callable[[], Iterable[StoredReport]],
        register: str,
        *,
        after_s: float,
        now: Callable[[], datetime],
        tell: Callable[[Alert], None],
    ) -> None:
        self._reports = reports
        self._register = register
        self._after = timedelta(seconds=after_s)
        self._now = now
        self._tell = tell
        # While this server was away it could hear of nobody.
        self._began = now()
        self._conditions: dict[tuple[str, Kind], _Condition] = {}

    def figures(self) -> dict[str, Figure]:
        """Give the number of facades with each condition that was told and still holds."""
        raised = [kind for (_, kind), found in self._conditions.items() if found.raised]
        return {
            _FIGURES[kind]: Figure(f"Facades with the alert {kind}.", raised.count(kind))
            for kind in get_args(Kind)
        }

    async def run(self) -> None:
        """Look again and again until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(limits.ALERT_LOOK_S)

    def look(self) -> None:
        """Look once, and tell what has changed."""
        now = self._now()
        found = {(facade, kind): since for facade, kind, since in self._found(now)}
        for key, since in found.items():
            condition = self._conditions.setdefault(key, _Condition(since))
            condition.gone_at = None
            if not condition.raised and now - condition.since >= self._after:
                condition.raised = True
                self._say(key, condition, "raised", now)
        for key in [key for key in self._conditions if key not in found]:
            self._over(key, now)

    def _over(self, key: tuple[str, Kind], now: datetime) -> None:
        condition = self._conditions[key]
        condition.gone_at = condition.gone_at or now
        if condition.raised and now - condition.gone_at < timedelta(seconds=limits.ALERT_OVER_S):
            return
        del self._conditions[key]
        if condition.raised:
            self._say(key, condition, "resolved", now)

    def _found(self, now: datetime) -> Iterator[_Found]:
        for name, seen_at, report in self._reports():
            seen = max(seen_at, self._began)
            if now - seen >= timedelta(seconds=limits.OFFLINE_AFTER_S):
                yield _Found(name, "facade-offline", seen)
                continue  # what it said before is no news
            if report.digest.state == "differs":
                yield _Found(name, "digest-differs", now)
            age = timedelta(milliseconds=report.outbox.oldest_age_ms or 0)
            if age >= self._after:
                yield _Found(name, "outbox-aged", now - age)

    def _say(
        self,
        key: tuple[str, Kind],
        condition: _Condition,
        state: Literal["raised", "resolved"],
        now: datetime,
    ) -> None:
        facade, kind = key
        since, at = rfc3339(condition.since), rfc3339(now)
        self._tell(Alert(kind, state, facade, since, at, _DETAILS[kind], self._register))
