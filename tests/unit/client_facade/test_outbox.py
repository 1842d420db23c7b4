"""Writes that wait at a facade: which are kept, and which are refused at once."""

from pathlib import Path

import pytest

from clientela.client_facade.outbox import Outbox
from clientela.client_facade.tables import APPLICATION, MIGRATIONS
from clientela.clients.writes import parse_write
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
