"""A group that is stored at once leaves what writes that are stored one by one leave."""

import random
import uuid
from datetime import UTC, datetime

import pytest
from stdnum.br import cnpj

from clientela.clients import digest
from clientela.clients.writes import parse_write
from clientela.server.store import ServerStore
from clientela.server.tables import Submission

NOW = datetime(2026, 1, 1, tzinfo=UTC)
REGISTER = str(uuid.UUID(int=1))
DOCUMENTS = [body + cnpj.calc_check_digits(body) for body in (f"{n:012d}" for n in range(1, 9))]


def _store(path):
    return ServerStore(path, now=lambda: NOW, new_register=lambda: REGISTER)


class Writers:
    """Writes about few clients and documents, so that they meet in every way; from a seed."""

    def __init__(self, seed):
        self.chance = random.Random(seed)  # noqa: S311 - replays from its seed
        self.ids = [str(uuid.UUID(int=self.chance.getrandbits(128), version=4)) for _ in range(12)]
        self.sent: list[dict] = []

    def next(self) -> Submission:
        chance = self.chance
        if self.sent and chance.random() < 0.15:
            raw = chance.choice(self.sent)  # the same write again
        else:
            raw = self._new()
            self.sent.append(raw)
        return Submission(parse_write(raw))

    def _new(self) -> dict:
        chance = self.chance
        operation = chance.choice(["insert"] * 4 + ["update"] * 3 + ["delete"])
        raw = {
            "write_id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            "operation": operation,
            "client_id": chance.choice(self.ids),
        }
        if self.sent and chance.random() < 0.2:
            raw["depends_on"] = [chance.choice(self.sent)["write_id"]]
        if operation != "delete":
            fields = {"name": chance.choice(["Ana", "Bia", "Caio", ""])}
            if chance.random() < 0.7:
                fields["document"] = chance.choice([*DOCUMENTS, None])
            raw["set"] = fields
        if operation != "insert":
            raw["was"] = {"name": chance.choice(["Ana", "Bia", "Caio"]), "document": None}
        return raw


def _rows(store):
    """Everything in the file but when it was written."""
    tables = ["clients", "tombstones", "creations", "changes", "receipts", "register"]
    keys = {"clients": "id, version, document, value", "receipts": "write_id, write, receipt"}
    connection = store.tables.connection
    return {
        table: sorted(connection.execute(f"SELECT {keys.get(table, '*')} FROM {table}").fetchall())
        for table in tables
    }


@pytest.mark.parametrize("seed", range(40))
def test_a_group_leaves_what_its_writes_one_by_one_leave(tmp_path, seed):
    one, many = _store(tmp_path / "one.db"), _store(tmp_path / "many.db")
    writers, chance = Writers(seed), random.Random(seed)  # noqa: S311 - replays from its seed
    for _ in range(8):
        group = [writers.next() for _ in range(chance.randint(1, 40))]
        alone = [receipt for write in group for receipt in one.commit([write])[0]]
        together, head = many.commit(group)

        assert together == alone
        assert head == one.head

    assert _rows(many) == _rows(one)
    one.close()
    many.close()


def test_the_digest_of_a_group_is_that_of_its_rows(tmp_path):
    store = _store(tmp_path / "register.db")
    writers = Writers(99)
    _, head = store.commit([writers.next() for _ in range(200)])
    rows = list(store.tables.range(None, None))
    total = digest.EMPTY
    for row in rows:
        total = digest.add(total, digest.row_digest(*row))

    assert (head.digest, head.clients) == (total, len(rows))
    store.close()


def test_a_group_that_fails_leaves_nothing_and_can_be_sent_again(tmp_path, monkeypatch):
    store = _store(tmp_path / "register.db")
    before = _rows(store)
    writers = Writers(7)
    group = [writers.next() for _ in range(50)]
    with monkeypatch.context() as patch:
        patch.setattr(store.tables, "set_head", lambda _head: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            store.commit(group)

    assert _rows(store) == before

    receipts, _ = store.commit(group)
    again, _ = store.commit(group)

    assert again == receipts
    store.close()
