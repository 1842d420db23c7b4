import httpx
import pytest

from clientela import limits
from clientela.log_facade.logs import writing
from clientela.log_facade.packing import batch_of
from clientela.log_facade.record import Record
from clientela.storage.urls import database_of

NOON_US = 1_795_435_200_000_000  # 2026-11-23T12:00:00Z


class Clock:
    """Nanoseconds that pass when told."""

    def __init__(self, now_us=NOON_US):
        self.now_us = now_us

    def __call__(self):
        return self.now_us * 1_000


class Sink:
    """A recorder that keeps what it is given."""

    def __init__(self):
        self.records = []
        self.lost = 0

    def append(self, record):
        self.records.append(record)

    def lose(self):
        self.lost += 1

    @property
    def only(self):
        (record,) = self.records
        return record


def _make_record(time_us=NOON_US, **changes):
    usual = {
        "facade": "matriz",
        "method": "GET",
        "route": "/client",
        "status": 200,
        "latency_us": 100,
        "parts_ns": None,
        "body_bytes": 270,
        "trace_id": bytes(range(16)),
        "lag_ms": None,
        "outbox": None,
        "error": None,
    }
    return Record(time_us=time_us, **{**usual, **changes})


def _fill(db, records, *, dropped=0, now_us=NOON_US):
    store = writing(db).open()
    store.write(batch_of(records), dropped=dropped, now_us=now_us)
    store.close()


def _client_of(app):
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False),
        base_url="http://localhost",
    )


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sink():
    return Sink()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "logs.db"


@pytest.fixture(scope="session")
def log_database(postgres):
    return postgres.fresh_database()


@pytest.fixture
def postgres_log(postgres, log_database):
    """Give an empty Log DB in PostgreSQL, in the one database of all these tests."""
    postgres.execute("DROP SCHEMA IF EXISTS clientela_log CASCADE", log_database.rpartition("/")[2])
    return database_of(log_database)


@pytest.fixture(params=["sqlite", "postgres"])
def db(request, path):
    """Give an empty Log DB in either engine."""
    return path if request.param == "sqlite" else request.getfixturevalue("postgres_log")


# Functions as fixtures, for test folders are not packages to import from.
@pytest.fixture(scope="session")
def make_record():
    return _make_record


@pytest.fixture(scope="session")
def fill():
    return _fill


@pytest.fixture(scope="session")
def client_of():
    return _client_of


@pytest.fixture(scope="session")
def noon_us():
    return NOON_US


class Watch:
    """Seconds that pass when told: a recorder that failed waits before it tries again."""

    def __init__(self):
        self.now_s = 100.0

    def __call__(self):
        self.now_s += limits.LOG_RETRY_S
        return self.now_s


@pytest.fixture
def watch():
    return Watch()
