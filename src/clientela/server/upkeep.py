"""What a server does beside answering, if it is told to: nightly backups, and alerts."""

from collections.abc import Callable, Coroutine, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from clientela import limits
from clientela.errors import StartupError
from clientela.server.alerts import Alerts
from clientela.server.backups import BackupPlan, Backups
from clientela.server.tables import StoredReport
from clientela.storage.urls import PostgresUrl
from clientela.web.metrics import Figure


class UpkeepPlan(NamedTuple):
    """What is wanted: backups, an address for alerts, and how long a condition holds before one."""

    backups: BackupPlan | None = None
    alert_webhook: str | None = None
    alert_after_s: float = limits.ALERT_AFTER_S


class Upkeep:
    """The loops of one server, and their figures."""

    def __init__(
        self,
        plan: UpkeepPlan,
        database: Path | PostgresUrl,
        register: str,
        reports: Callable[[], Iterable[StoredReport]],
    ) -> None:
        """Raise StartupError when backups can't be kept where they should."""
        self._backups = _backups(database, plan.backups) if plan.backups else None
        self._webhook = None
        if plan.alert_webhook is not None:
            from clientela.server.webhook import Webhook  # noqa: PLC0415 - aiohttp takes 0.1 s

            self._webhook = Webhook(plan.alert_webhook)
        self._alerts = Alerts(
            reports,
            register,
            after_s=plan.alert_after_s,
            now=lambda: datetime.now(UTC),
            tell=self._webhook.tell if self._webhook else lambda _: None,
        )

    def loops(self) -> list[Coroutine[Any, Any, None]]:
        """Give what is to run until it is cancelled."""
        return [part.run() for part in (self._backups, self._alerts, self._webhook) if part]

    def figures(self) -> dict[str, Figure]:
        """Give the figures that Prometheus is told."""
        parts = [part.figures() for part in (self._backups, self._alerts, self._webhook) if part]
        return {name: figure for part in parts for name, figure in part.items()}


def _backups(database: Path | PostgresUrl, plan: BackupPlan) -> Backups:
    if isinstance(database, PostgresUrl):
        raise StartupError("--backup-dir is for a register in a file: pg_dump backs this one up.")
    return Backups(database, plan, _local)


def _local() -> datetime:
    return datetime.now(UTC).astimezone()
