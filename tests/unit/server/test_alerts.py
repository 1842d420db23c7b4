"""When an alert is told, and when it is over."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from clientela import limits
from clientela.server.alerts import Alerts
from clientela.server.tables import StoredReport
from clientela.web.facade_reports import FacadeReport

NOON = datetime(2026, 7, 27, 12, tzinfo=UTC)
AFTER_S = 600
REPORT = {
    "state": "live",
    "version": None,
    "lag_ms": 0,
    "clients": 0,
    "digest": {"state": "agreed", "version": None, "agreed": True, "at": None, "rows_repaired": 0},
    "outbox": {"pending": 0, "refused": 0, "oldest_age_ms": None},
    "lost": 0,
    "requests": 0,
    "latency_us": None,
    "release": "1",
    "last_error": None,
}


class Branch:
    """A facade that reports, watched by alerts; time goes by in steps."""

    def __init__(self):
        self.now, self.seen_at, self.report = NOON, NOON, REPORT
        self.told = []
        self.alerts = Alerts(
            self._reports, "register", after_s=AFTER_S, now=lambda: self.now, tell=self._tell
        )

    def _reports(self):
        return [StoredReport("matriz", self.seen_at, msgspec.convert(self.report, FacadeReport))]

    def _tell(self, alert):
        self.told.append((alert.alert, alert.state))

    def goes_on(self, seconds, *, silent=False, **report):
        """Let time pass, looking as often as the server does."""
        self.report = {**REPORT, **report}
        for _ in range(int(seconds / limits.ALERT_LOOK_S)):
            self.now += timedelta(seconds=limits.ALERT_LOOK_S)
            if not silent:
                self.seen_at = self.now
            self.alerts.look()


@pytest.fixture
def branch():
    return Branch()


def digest(state):
    return {**REPORT["digest"], "state": state}


def outbox(age_s):
    return {"pending": 1, "refused": 0, "oldest_age_ms": 1_000 * age_s}


def test_a_facade_that_is_well_is_never_told_of(branch):
    branch.goes_on(3_600)

    assert branch.told == []


def test_a_silent_facade_is_told_of_once_and_told_when_it_is_back(branch):
    branch.goes_on(AFTER_S - 5, silent=True)
    assert branch.told == []

    branch.goes_on(3_600, silent=True)
    assert branch.told == [("facade-offline", "raised")]
    assert branch.alerts.figures()["facades_offline"].value == 1

    branch.goes_on(limits.ALERT_OVER_S - 5)
    assert len(branch.told) == 1

    branch.goes_on(20)
    assert branch.told == [("facade-offline", "raised"), ("facade-offline", "resolved")]
    assert branch.alerts.figures()["facades_offline"].value == 0


def test_a_line_that_comes_and_goes_is_told_of_once(branch):
    branch.goes_on(AFTER_S, silent=True)
    for _ in range(10):
        branch.goes_on(limits.ALERT_OVER_S - 10)
        branch.goes_on(60, silent=True)

    assert branch.told == [("facade-offline", "raised")]


def test_a_short_silence_is_forgotten(branch):
    for _ in range(5):
        branch.goes_on(AFTER_S - 60, silent=True)
        branch.goes_on(10)

    assert branch.told == []


def test_a_digest_that_differs_for_long_is_told_of(branch):
    branch.goes_on(AFTER_S, digest=digest("differs"))
    assert branch.told == []

    branch.goes_on(10, digest=digest("differs"))
    assert branch.told == [("digest-differs", "raised")]


def test_an_old_write_is_told_of_as_soon_as_it_is_old_enough(branch):
    branch.goes_on(60, outbox=outbox(AFTER_S - 1))
    assert branch.told == []

    branch.goes_on(5, outbox=outbox(AFTER_S))
    assert branch.told == [("outbox-aged", "raised")]


def test_after_a_restart_nobody_is_offline_before_having_had_the_time_to_report(branch):
    branch.seen_at = NOON - timedelta(days=1)

    branch.goes_on(AFTER_S - 5, silent=True)
    assert branch.told == []


def test_a_facade_that_was_forgotten_is_no_trouble_any_more(branch):
    branch.goes_on(AFTER_S, silent=True)
    branch._reports = list
    branch.alerts._reports = list
    branch.goes_on(limits.ALERT_OVER_S + 10)

    assert branch.told[-1] == ("facade-offline", "resolved")
