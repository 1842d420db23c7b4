"""What the server may have decided, this facade does not refuse in its place."""

import uuid

import pytest

from clientela import limits
from clientela.client_facade.doubts import Doubts
from clientela.client_facade.replica import Replica
from clientela.clients.writes import ParsedWrite, Write


class Now:
    def __init__(self):
        self.seconds = 0.0
        self.in_step = False


def write() -> ParsedWrite:
    key = str(uuid.uuid4())
    return ParsedWrite(Write(write_id=key, operation="delete", client_id=key, set={}, was={}), ())


@pytest.fixture
def now():
    return Now()


def doubts(now: Now, *, restarted: bool) -> Doubts:
    return Doubts(restarted=restarted, in_step=lambda: now.in_step, clock=lambda: now.seconds)


def test_a_first_start_has_no_doubts(now):
    assert not doubts(now, restarted=False).about([write()])


def test_after_a_restart_there_is_doubt_until_the_replica_has_been_in_step(now):
    made = doubts(now, restarted=True)
    now.seconds = limits.LATE_REQUEST_S + 1

    assert made.about([write()])

    now.in_step = True

    assert not made.about([write()])


def test_after_a_restart_there_is_doubt_while_a_request_may_still_arrive(now):
    made = doubts(now, restarted=True)
    now.in_step = True
    now.seconds = limits.LATE_REQUEST_S - 1

    assert made.about([write()])


def test_doubts_that_went_do_not_come_back_with_the_line(now):
    made = doubts(now, restarted=True)
    now.in_step, now.seconds = True, limits.LATE_REQUEST_S
    made.about([write()])
    now.in_step = False

    assert not made.about([write()])


def test_there_is_doubt_about_a_write_while_it_is_on_its_way(now):
    made, sent = doubts(now, restarted=False), write()

    with made.sending([sent]), made.sending([sent]):
        assert made.about([write(), sent])
        assert not made.about([write()])


def test_there_is_doubt_about_what_was_sent_until_much_else_was(now, monkeypatch):
    monkeypatch.setattr(limits, "SENT_WRITES_REMEMBERED_ITEMS", 2)
    made, sent = doubts(now, restarted=False), [write(), write(), write()]
    for one in sent:
        with made.sending([one]):
            pass

    assert [made.about([one]) for one in sent] == [False, True, True]


def test_a_file_that_is_there_tells_of_an_earlier_process_whatever_it_holds(tmp_path):
    path, told = tmp_path / "clients.db", []
    for _ in range(2):
        replica = Replica(path, facade="matriz", now_ms=lambda: 0)
        told.append(replica.reopened)
        replica.close()

    assert told == [False, True]
