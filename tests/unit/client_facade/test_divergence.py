"""Where two histories part is found, however many changes were lost, with few questions."""

from types import SimpleNamespace

import pytest

from clientela.client_facade.divergence import Divergence
from clientela.clients.changes import ChangeHeaders, encode_change
from clientela.clients.writes import Receipt
from clientela.feed.log import diverged, gone
from clientela.feed.position import Position

CLIENT = "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c11"


def change(history, version):
    headers = ChangeHeaders(
        "update", str(Position(1, version)), f"{version:032x}", "", f"{history}-{version}"
    )
    return Position(1, version), encode_change(CLIENT, headers, b"{}")


class Replica:
    """Holds changes from ``beginning`` to ``end`` but those ``erased``; all of ``history`` a."""

    def __init__(self, beginning, end, *, erased=()):
        self.erased = erased
        self.head = SimpleNamespace(beginning=beginning, position=Position(1, end))
        self.readable = True
        self.tables = self
        self.outbox = SimpleNamespace(settled_between=lambda _after, _up_to: [])
        self.kept = None

    def log(self):
        return SimpleNamespace(beginning=Position(1, self.head.beginning))

    def changes(self, after, limit):
        first = max(after, self.head.beginning) + 1
        last = min(first + limit - 1, self.head.position.version)
        return [change("a", v) for v in range(first, last + 1) if v not in self.erased]

    def last_change(self, up_to):
        versions = range(self.head.beginning + 1, min(up_to, self.head.position.version) + 1)
        here = [version for version in versions if version not in self.erased]
        return change("a", here[-1]) if here else None

    async def keep_lost(self, after, up_to, known):
        self.kept = (after, up_to, sorted(known))
        return up_to - after - len(known)


class Register:
    """A register with ``shared`` changes of history a, and others after them, up to ``tail``."""

    def __init__(self, shared, tail, *, beginning=0, resent=(), erased=()):
        self.shared, self.tail, self.beginning, self.resent = shared, tail, beginning, resent
        self.erased = erased
        self.asked = 0

    async def changes(self, after):
        self.asked += 1
        if after.version > self.tail:
            raise diverged(after)
        if after.version < self.beginning:
            raise gone(after, Position(1, self.beginning))
        versions = range(after.version + 1, min(after.version + 3, self.tail) + 1)
        versions = [v for v in versions if v not in self.erased]
        return [change("a" if v <= self.shared else "b", v)[1] for v in versions]

    async def receipt(self, write_id):
        if write_id in self.resent:
            return Receipt(write_id, CLIENT, "update", "accepted", version=str(Position(1, 1)))
        return None


@pytest.mark.parametrize("grown", [0, 1, 40])
@pytest.mark.parametrize("shared", [5, 6, 7, 20, 38, 39])
async def test_all_that_is_beyond_the_last_change_in_common_is_kept(shared, grown):
    replica = Replica(beginning=5, end=40)
    register = Register(shared, shared + grown)

    await Divergence(replica, register).keep_lost(40)

    assert replica.kept == (shared, 40, [])


async def test_few_lost_changes_of_many_are_found_with_few_questions():
    replica = Replica(beginning=0, end=100_000)
    register = Register(99_990, 99_990)

    await Divergence(replica, register).keep_lost(100_000)

    assert replica.kept == (99_990, 100_000, [])
    assert register.asked < 12


async def test_nothing_is_kept_when_the_histories_are_one():
    replica = Replica(beginning=0, end=10)

    await Divergence(replica, Register(10, 30)).keep_lost(10)

    assert replica.kept is None


async def test_a_write_that_the_register_took_once_more_is_not_lost():
    replica = Replica(beginning=0, end=10)

    await Divergence(replica, Register(6, 8, resent=["a-8"])).keep_lost(10)

    assert replica.kept == (6, 10, ["a-8"])


async def test_what_the_register_no_longer_keeps_is_taken_for_common():
    replica = Replica(beginning=0, end=10)

    await Divergence(replica, Register(6, 8, beginning=5)).keep_lost(10)

    assert replica.kept == (6, 10, [])


async def test_what_a_later_line_brought_is_no_evidence():
    replica = Replica(beginning=0, end=10)

    await Divergence(replica, Register(3, 10)).keep_lost(7)

    assert replica.kept == (3, 7, [])


@pytest.mark.parametrize("erased", [{10}, {9, 10}, {3, 5, 10}])
async def test_what_was_erased_at_the_register_is_no_other_history(erased):
    replica = Replica(beginning=0, end=10)

    await Divergence(replica, Register(30, 30, erased=erased)).keep_lost(10)

    assert replica.kept is None


@pytest.mark.parametrize("erased", [{10}, {6, 7}, {5, 6, 8, 10}, set(range(1, 11))])
async def test_what_was_erased_here_hides_nothing_that_was_lost(erased):
    replica = Replica(beginning=0, end=10, erased=erased)

    await Divergence(replica, Register(6, 6)).keep_lost(10)

    lost = set(range(7, 11)) - erased
    assert (replica.kept is not None) == bool(lost)
    assert not lost or replica.kept[0] < min(lost)
