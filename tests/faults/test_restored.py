"""A register that was put back passes when all is as promised; each wrong is found."""

import json
from dataclasses import replace
from hashlib import blake2b
from typing import Any
from uuid import UUID

import pytest

from clientela.cli.torture.evidence import Evidence, Left
from clientela.cli.torture.history import Answer, Asked, History
from clientela.cli.torture.restored import (
    judge_backup,
    judge_lists,
    judge_offered,
    judge_restored,
)

ANA, BETO, CAIO = (f"0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c1{number}" for number in (1, 2, 3))
NAMES = ("name", "email", "phone", "document", "notes")
BACKUP = 2  # the version that the backup ends with
EPOCH = 1_795_000_000  # of the restored register


def position(version: int, epoch: int = 1) -> str:
    return f"{epoch:010d}_{version:020d}"


def digest_of(rows: dict[str, bytes]) -> str:
    total = 0
    for key, value in rows.items():
        row = UUID(key).bytes + json.loads(value)["version"].encode() + value
        total += int.from_bytes(blake2b(row, digest_size=16).digest(), "big")
    return f"{total % (1 << 128):032x}"


class Register:
    """A server's rows and feed, with one facade that follows it."""

    def __init__(self) -> None:
        self.rows: dict[str, bytes] = {}
        self.messages: list[bytes] = []
        self.receipts: dict[str, dict[str, Any] | None] = {}
        self.epoch = 1

    def write(self, operation: str, key: str, write_id: str, **fields: str) -> None:
        at = position(len(self.messages) + 1, self.epoch)
        old = json.loads(self.rows.pop(key)) if key in self.rows else dict.fromkeys(NAMES)
        if operation != "delete":
            self.rows[key] = json.dumps({**old, **fields, "id": key, "version": at}).encode()
        headers = {"operation": operation, "version": at, "write_id": write_id}
        told = json.dumps({**headers, "facade": "branch-0"}).encode()
        value = b', "value":' + self.rows[key] if key in self.rows else b""
        head = json.dumps({"type": "client", "key": key})[:-1].encode()
        self.messages.append(head + value + b', "headers": ' + told + b"}")
        self.receipts[write_id] = {"outcome": "accepted", "version": at}

    def evidence(self, *, copied_at: int = 0, lost: int = 0) -> Evidence:
        rows = [self.rows[key] for key in sorted(self.rows)]
        at = position(len(self.messages), self.epoch)
        receipts, messages = dict(self.receipts), list(self.messages)
        server = Left("server", rows, messages, at, receipts, digest_of(self.rows))
        sync = {"digest": {"state": "agreed", "version": at}, "lost": lost}
        kept = messages[copied_at:]
        return Evidence(server, [Left("branch-0", rows, kept, at, dict(receipts), sync=sync)])


LATER = [
    ("update", ANA, "w3", {"email": "ana@example.com"}),
    ("insert", CAIO, "w4", {"name": "Caio"}),
    ("delete", BETO, "w5", {}),
]


class Story:
    """Ana and Beto are in the backup; Ana's e-mail, Caio, and Beto's end came after it."""

    def __init__(self) -> None:
        register = Register()
        register.write("insert", ANA, "w1", name="Ana")
        register.write("insert", BETO, "w2", name="Beto")
        for operation, key, write_id, fields in LATER:
            register.write(operation, key, write_id, **fields)
        self.before = register.evidence()
        self.lost = [
            {**json.loads(message), "lost_at": "2026-01-01T00:00:00Z", "before": None}
            for message in self.before.server.messages[BACKUP:]
        ]
        self.register = Register()
        self.register.write("insert", ANA, "w1", name="Ana")
        self.register.write("insert", BETO, "w2", name="Beto")
        self.register.epoch = EPOCH
        self.restored = self.register.evidence(copied_at=BACKUP, lost=len(self.lost))
        self.again = LATER

    def offered(self) -> Evidence:
        for operation, key, write_id, fields in self.again:
            self.register.write(operation, key, f"{write_id}-again", **fields)
        return self.register.evidence(copied_at=BACKUP)


@pytest.fixture
def story() -> Story:
    return Story()


def after_restore(story: Story, restored: Evidence | None = None) -> str:
    found = judge_restored(story.before, restored or story.restored, BACKUP, [story.lost])
    return "\n".join(found)


def after_offers(story: Story) -> str:
    after = story.offered()
    return "\n".join(judge_offered(story.before, story.restored, after, story.lost, "branch-0"))


def test_what_is_right_passes(story):
    assert after_restore(story) == ""
    assert after_offers(story) == ""


def test_nothing_is_lost_when_the_backup_was_at_the_tail():
    register = Register()
    register.write("insert", ANA, "w1", name="Ana")
    before = register.evidence()
    register.epoch = EPOCH

    assert judge_restored(before, register.evidence(), 1, [[]]) == []


def test_a_facade_need_not_list_what_came_before_its_copy(story):
    copied = replace(story.before.facades[0], messages=story.before.facades[0].messages[3:])
    story.before = replace(story.before, facades=[copied])
    story.lost = story.lost[1:]
    sync = {**story.restored.facades[0].sync, "lost": 2}
    story.restored = replace(
        story.restored, facades=[replace(story.restored.facades[0], sync=sync)]
    )

    assert after_restore(story) == ""


def test_a_lost_change_that_is_not_listed(story):
    del story.lost[1]

    told = after_restore(story)

    assert "lost at branch-0: does not list" in told
    assert "says that 3 are lost, and lists 2" in told


def test_a_change_that_is_listed_though_the_register_has_it(story):
    story.lost.insert(0, json.loads(story.before.server.messages[0]))

    assert "not held there" in after_restore(story)


def test_lost_changes_in_another_order(story):
    story.lost.reverse()

    assert "in another order" in after_restore(story)


def test_a_lost_change_with_another_value(story):
    story.lost[0]["value"]["email"] = "eva@example.com"

    assert "does not list" in after_restore(story)


def test_an_epoch_that_did_not_rise(story):
    server = replace(story.restored.server, position=position(BACKUP))
    told = after_restore(story, replace(story.restored, server=server))

    assert "its epoch did not rise" in told


def test_a_row_too_many_in_the_register(story):
    rows = [*story.restored.server.rows, story.before.server.rows[-1]]
    server = replace(story.restored.server, rows=rows)

    told = after_restore(story, replace(story.restored, server=server))

    assert "which is not in the register" in told
    assert "the digest is not that of the rows" in told


def test_a_row_too_many_at_a_facade(story):
    facade = story.restored.facades[0]
    rows = [*facade.rows, story.before.server.rows[-1]]

    told = after_restore(story, replace(story.restored, facades=[replace(facade, rows=rows)]))

    assert "restored branch-0: has" in told


def test_a_feed_that_is_not_the_beginning_of_the_old_one(story):
    server = replace(story.restored.server, messages=story.restored.server.messages[:1])

    assert "its feed has 1 changes" in after_restore(story, replace(story.restored, server=server))


def test_a_receipt_of_what_is_no_more(story):
    story.restored.server.receipts["w4"] = {"outcome": "accepted", "version": position(4)}

    assert "w4 was lost, yet has the receipt" in after_restore(story)


def test_a_receipt_that_is_missing(story):
    story.restored.server.receipts["w1"] = None

    assert "w1 is in its feed" in after_restore(story)


def test_a_facade_that_calls_a_lost_write_accepted(story):
    story.restored.facades[0].receipts["w4"] = {"outcome": "accepted", "version": position(4)}

    assert "w4 is lost, its receipt there is" in after_restore(story)


def test_a_client_that_did_not_come_back(story):
    story.again = [LATER[0], LATER[2]]

    told = after_offers(story)

    assert f"lacks {CAIO}" in told
    assert "3 changes were offered, and became 2" in told


def test_a_client_that_should_be_gone(story):
    story.again = LATER[:2]

    assert f"has {BETO} too many" in after_offers(story)


def test_a_client_that_came_back_otherwise(story):
    story.again = [("update", ANA, "w3", {"email": "eva@example.com"}), *LATER[1:]]

    assert f"{ANA} was" in after_offers(story)


def test_changes_that_came_back_in_another_order(story):
    story.again = list(reversed(LATER))

    assert "was offered again at branch-0, and became" in after_offers(story)


def test_new_changes_in_the_old_epoch(story):
    story.register.epoch = 1

    assert "has the version" in after_offers(story)


def test_a_backup_that_lacks_what_was_answered_before_it():
    history = History()
    asked = history.ask(Asked("w3", 0, "update", ANA, {}, None))
    asked.answers.append(Answer(5.0, 0, "accepted", position(3)))

    assert judge_backup(history, 3, 6.0) == []
    assert judge_backup(history, 2, 4.0) == []
    assert "the backup ends at 2" in judge_backup(history, 2, 6.0)[0]


def test_lists_that_did_not_empty_themselves_where_it_was_offered(story):
    assert judge_lists([[], story.lost], [[], ["w3", "w4", "w5"]]) == []
    assert "lost at branch-0" in judge_lists([story.lost], [[]])[0]
