"""When a backup is due, and which ones are kept."""

import sqlite3
from datetime import UTC, datetime, time, timedelta

import pytest

from clientela.errors import StartupError
from clientela.server.backups import BackupPlan, Backups
from clientela.server.store import ServerStore

NOON = datetime(2026, 7, 27, 12, tzinfo=UTC)
REGISTER_ID = "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c11"


class Clock:
    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def register(tmp_path):
    path = tmp_path / "register.db"
    ServerStore(path, now=lambda: NOON, new_register=lambda: REGISTER_ID).close()
    return path


@pytest.fixture
def backups(register, tmp_path, clock):
    return Backups(register, BackupPlan(tmp_path / "backups", time(3), 3), clock)


def names(backups):
    return [path.name for _, path in backups.kept()]


def test_the_first_is_due_at_once_and_the_next_when_its_time_comes(backups, clock, tmp_path):
    due = {}
    (tmp_path / "backups" / "register-20260727T020000Z.db").touch()
    for hour in (2, 3, 4):
        clock.now = NOON.replace(hour=hour)
        due[hour] = backups.is_due()

    assert due == {2: False, 3: True, 4: True}


def test_with_none_there_it_is_due(backups):
    assert backups.is_due()
    assert backups.figures()["backup_age_seconds"].value == float("inf")


async def test_a_good_one_is_kept_and_the_oldest_go(backups, clock, tmp_path):
    folder = tmp_path / "backups"
    for day in range(1, 6):
        (folder / f"register-202607{day:02d}T030000Z.db").touch()
    for name in ("register-before-the-move.db", "register-99999999T999999Z.db", "notes.txt"):
        (folder / name).touch()

    assert await backups.back_up()
    clock.now += timedelta(hours=1)

    assert names(backups) == [
        "register-20260704T030000Z.db",
        "register-20260705T030000Z.db",
        "register-20260727T120000Z.db",
    ]
    assert (folder / "register-before-the-move.db").exists()
    assert (folder / "register-99999999T999999Z.db").exists()
    assert not backups.is_due()
    assert backups.figures()["backup_age_seconds"].value == 3_600


async def test_one_that_fails_drops_none_and_is_counted(backups, register, tmp_path):
    folder = tmp_path / "backups"
    for day in range(1, 6):
        (folder / f"register-202607{day:02d}T030000Z.db").touch()
    with sqlite3.connect(register) as file:
        file.execute("UPDATE register SET clients = 7")
    file.close()

    assert not await backups.back_up()

    assert len(names(backups)) == 5
    assert backups.figures()["backup_failures"].value == 1
    assert len(list(folder.iterdir())) == 5


def test_a_folder_that_can_not_be_made_is_told_at_the_start(register, tmp_path, clock):
    (tmp_path / "taken").touch()

    with pytest.raises(StartupError, match="No backups can be kept"):
        Backups(register, BackupPlan(tmp_path / "taken", time(3), 3), clock)


def test_a_folder_that_went_away_is_no_error_for_metrics(backups, tmp_path):
    (tmp_path / "backups").rmdir()

    assert backups.figures()["backup_age_seconds"].value == float("inf")
