"""Which facades there are, and how each said it is: in memory, and now and then in the database.

A facade reports every few seconds, so little is lost when a process dies between two storings: what
is then told of a facade is older by that much, until it reports again.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from clientela import limits
from clientela.clients.times import rfc3339
from clientela.errors import ClientelaError
from clientela.feed.position import Position
from clientela.server.register import Register
from clientela.server.tables import StoredReport
from clientela.web.bodies import converted
from clientela.web.facade_reports import FacadeReport, KnownFacade
from clientela.web.write_requests import is_facade_name

_log = logging.getLogger(__name__)


class Facades:
    """The facades of a register; belongs to the event loop's thread."""

    def __init__(
        self, register: Register, now: Callable[[], datetime], stored: Iterable[StoredReport]
    ) -> None:
        self._register = register
        self._now = now
        self._reports = {report.name: report for report in stored}
        self._to_store: set[str] = set()

    def take(self, name: str, body: object) -> None:
        """Take a facade's report.

        Raises ClientelaError ``malformed`` (its name), ``invalid`` (the report), ``overloaded``.
        """
        if not is_facade_name(name):
            raise ClientelaError("malformed", "A facade's name has letters, digits, dots, dashes.")
        if name not in self._reports and len(self._reports) >= limits.FACADES_MAX:
            detail = "No more facades can be known here: DELETE /facades/{name} forgets one."
            raise ClientelaError("overloaded", detail)
        self._reports[name] = StoredReport(
            name, self._now(), converted(body, FacadeReport, "report")
        )
        self._to_store.add(name)

    def forget(self, name: str) -> None:
        """Forget a facade that is no more; raises ClientelaError ``not-found``."""
        if self._reports.pop(name, None) is None:
            raise ClientelaError("not-found", f"No facade {name} has reported here.")
        self._to_store.add(name)

    def known(self) -> list[KnownFacade]:
        """Give every facade, in the order of their names."""
        now, tail = self._now(), self._register.log.head.position
        return [_known(self._reports[name], now, tail) for name in sorted(self._reports)]

    def reports(self) -> Iterable[StoredReport]:
        """Give the last report of every facade."""
        return self._reports.values()

    async def store_for_ever(self) -> None:
        """Store what has been reported, again and again until cancelled."""
        shared = self._register.shared
        pause_s = limits.FACADE_REPORTS_SHARED_S if shared else limits.FACADE_REPORTS_STORED_S
        while True:
            await asyncio.sleep(pause_s)
            try:
                await self.store()
            except ClientelaError as error:
                _log.warning("What the facades reported could not be stored: %s", error)

    async def store(self) -> None:
        """Store what has been reported since the last time, and hear what other servers stored.

        Raises ClientelaError ``disk-full``, ``database-away``.
        """
        names, self._to_store = self._to_store, set()
        try:
            await self._register.store_reports({name: self._reports.get(name) for name in names})
        except BaseException:
            self._to_store |= names
            raise
        if self._register.shared:
            await self._hear()

    async def _hear(self) -> None:
        """Take what was reported to other servers, and forget what was forgotten there."""
        stored = await self._register.read(lambda tables: list(tables.facades()))
        heard = {report.name: report for report in stored}
        for name in self._to_store:  # since then, here
            heard.pop(name, None)
            if name in self._reports:
                heard[name] = self._reports[name]
        self._reports = heard


def _known(stored: StoredReport, now: datetime, tail: Position) -> KnownFacade:
    age_ms = max(0, int((now - stored.seen_at).total_seconds() * 1_000))
    return KnownFacade(
        **msgspec.structs.asdict(stored.report),
        name=stored.name,
        seen_at=rfc3339(stored.seen_at),
        seen_age_ms=age_ms,
        behind=_behind(stored.report.version, tail),
    )


def _behind(version: str | None, tail: Position) -> int | None:
    try:
        position = Position.parse(version or "")
    except ValueError:
        return None
    return max(0, tail.version - position.version) if position.epoch == tail.epoch else None
