"""Writes that wait at a facade: which are kept, and which are refused at once."""

from pathlib import Path

import msgspec
import pytest

from clientela.client_facade.outbox import Outbox
from clientela.client_facade.tables import APPLICATION, MIGRATIONS
from clientela.clients.writes import Reason, parse_write
from clientela.storage.database import open_database

ANA = "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c11"
BETO = "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c12"
DOCUMENT = "39053344705"


def insert(client_id: str, **fields: str):
    return parse_write(
        {"write_id": client_id, "operation": "insert", "client_id": client_id, "set": fields}
    )


@pytest.fixture
def outbox(tmp_path: Path):
    connection = open_database(
        tmp_path / "clients.db", application=APPLICATION, migrations=MIGRATIONS
    )
    made = Outbox(connection, facade="matriz", now_ms=lambda: 0)
    made.take_in([insert(ANA, name="Ana", document=DOCUMENT)])
    yield made
    connection.close()


def test_a_document_that_is_held_here_is_refused_at_once(outbox):
    (receipt,) = outbox.take_in([insert(BETO, name="Beto", document=DOCUMENT)])

    assert (receipt.outcome, receipt.reason.code) == ("refused", "duplicate-document")
    assert outbox.tables.find(BETO) is None


def test_what_the_server_perhaps_accepted_is_not_refused_in_its_place(outbox):
    beto = insert(BETO, name="Beto", document=DOCUMENT)
    (receipt,) = outbox.take_in([beto], perhaps_decided=True)

    assert receipt.outcome == "pending"
    assert outbox.tables.find(BETO).state == "pending"


def test_what_is_invalid_everywhere_is_refused_whoever_decides(outbox):
    (receipt,) = outbox.take_in([insert(BETO, name="")], perhaps_decided=True)

    assert (receipt.outcome, receipt.reason.code) == ("refused", "invalid")


CARLA = "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c13"
MERGED = "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c21"
REMOVED = "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c22"


def merging(update_set: dict[str, str]):
    """One record takes something of the other, which is deleted only if that was accepted."""
    blank = dict.fromkeys(("email", "phone", "document", "notes"))
    update = {"write_id": MERGED, "operation": "update", "client_id": ANA, "set": update_set}
    delete = {"write_id": REMOVED, "operation": "delete", "client_id": CARLA, "set": {}}
    return [
        parse_write({**update, "was": dict.fromkeys(update_set)}),
        parse_write({**delete, "was": {"name": "Carla", **blank}, "depends_on": [MERGED]}),
    ]


@pytest.fixture
def with_carla(outbox):
    outbox.take_in([insert(CARLA, name="Carla")])
    return outbox


def test_what_a_writer_says_that_it_builds_on_goes_to_the_server_with_it(with_carla):
    receipts = with_carla.take_in(merging({"phone": "+5511987654321"}))

    assert [receipt.outcome for receipt in receipts] == ["pending", "pending"]
    assert set(with_carla.tables.find(REMOVED).write.depends_on) == {CARLA, MERGED}


def test_what_builds_on_a_write_that_was_refused_here_is_refused_with_it(with_carla):
    receipts = with_carla.take_in(merging({"name": "Other"}))

    assert [receipt.reason.code for receipt in receipts] == ["conflict", "depends-on"]
    assert with_carla.tables.find(REMOVED) is None


def test_what_builds_on_a_write_that_the_server_refused_is_refused_at_once(with_carla):
    update, delete = merging({"phone": "+5511987654321"})
    (receipt,) = with_carla.take_in([update])
    reason = Reason("gone", "It was deleted.")
    with_carla.settle([msgspec.structs.replace(receipt, outcome="refused", reason=reason)])

    (refused,) = with_carla.take_in([delete])

    assert refused.reason.code == "depends-on"
