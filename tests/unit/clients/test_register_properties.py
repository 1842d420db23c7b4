"""What holds whatever is written, in whatever order: ``decide`` within a register in memory."""

from dataclasses import dataclass, field
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from clientela.clients import digest
from clientela.clients.decide import (
    Accepted,
    Created,
    Decision,
    Deleted,
    Living,
    Refused,
    Repeated,
    decide,
)
from clientela.clients.model import FIELDS, Client
from clientela.clients.writes import Receipt, Write

IDS = [str(UUID(int=n, version=4)) for n in range(3)]
texts = st.sampled_from(["a", "b", "c"])
values = st.none() | texts
contents = st.fixed_dictionaries(
    {"name": texts}, optional={field: values for field in FIELDS if field != "name"}
)
touched = st.dictionaries(st.sampled_from(FIELDS), values)
versions = st.none() | st.integers(1, 12).map(lambda n: f"0000000001_{n:020d}")


@dataclass
class Register:
    """Rows, receipts by write, and the digest kept step by step."""

    rows: dict[str, Living | Deleted] = field(default_factory=dict)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    version: int = 0
    digest: int = digest.EMPTY

    def write(self, write: Write) -> Receipt:
        """Decide each write once; the same id again gets the same receipt."""
        if write.write_id not in self.receipts:
            decision = decide(self.rows.get(write.client_id), write, self.holder_of)
            self.receipts[write.write_id] = self._settle(write, decision)
        return self.receipts[write.write_id]

    def living(self) -> dict[str, Living]:
        return {key: row for key, row in self.rows.items() if isinstance(row, Living)}

    def holder_of(self, document: str) -> str | None:
        holders = (k for k, row in self.living().items() if row.fields["document"] == document)
        return next(holders, None)

    def recomputed_digest(self) -> int:
        total = digest.EMPTY
        for key, row in self.living().items():
            total = digest.add(total, _row_digest(key, row))
        return total

    def _settle(self, write: Write, decision: Decision) -> Receipt:
        receipt = Receipt(write.write_id, write.client_id, write.operation, "accepted")
        if isinstance(decision, Refused):
            return msgspec.structs.replace(receipt, outcome="refused", reason=decision.reason)
        if isinstance(decision, Repeated):
            return self.receipts[decision.write_id]
        if isinstance(decision, Accepted):
            return msgspec.structs.replace(receipt, version=self._apply(write, decision))
        return msgspec.structs.replace(receipt, version=decision.version)

    def _apply(self, write: Write, decision: Accepted) -> str:
        self.version += 1
        version = f"0000000001_{self.version:020d}"
        key, old = write.client_id, self.rows.get(write.client_id)
        created = old.created if old else Created(write.write_id, write.set)
        if isinstance(old, Living):
            self.digest = digest.subtract(self.digest, _row_digest(key, old))
        if decision.fields is None:
            self.rows[key] = Deleted(version, created)
        else:
            self.rows[key] = row = Living(decision.fields, version, created)
            self.digest = digest.add(self.digest, _row_digest(key, row))
        return version


def _row_digest(key: str, row: Living) -> int:
    value = msgspec.json.encode(Client(id=key, **row.fields, version=row.version))
    return digest.row_digest(key, row.version, value)


@st.composite
def writes(draw):
    operation = draw(st.sampled_from(["insert", "update", "update", "delete"]))
    return Write(
        write_id=draw(st.uuids().map(str)),
        operation=operation,
        client_id=draw(st.sampled_from(IDS)),
        set=draw({"insert": contents, "update": touched}.get(operation, st.just({}))),
        was={} if operation == "insert" else draw(touched),
        if_match=None if operation == "insert" else draw(st.none() | versions),
    )


@st.composite
def sequences(draw):
    """Writes that have often seen what the register holds, so that many are accepted."""
    register, taken = Register(), []
    for write in draw(st.lists(writes(), max_size=25)):
        row = register.rows.get(write.client_id)
        seen = isinstance(row, Living) and write.operation != "insert" and draw(st.booleans())
        meant = (
            msgspec.structs.replace(write, was=dict(row.fields), if_match=None) if seen else write
        )
        register.write(meant)
        taken.append(meant)
    return taken


def seen_fields(row):
    return dict(row.fields) if isinstance(row, Living) else None


@given(sequences())
def test_no_two_living_clients_have_one_document(taken):
    register = Register()
    for write in taken:
        register.write(write)

        documents = [
            row.fields["document"] for row in register.living().values() if row.fields["document"]
        ]
        assert len(documents) == len(set(documents))


@given(sequences())
def test_every_living_client_has_every_field_and_a_name(taken):
    register = Register()
    for write in taken:
        register.write(write)

    assert all(
        tuple(row.fields) == FIELDS and row.fields["name"] for row in register.living().values()
    )


@given(sequences())
def test_nothing_that_a_writer_had_not_seen_is_overwritten(taken):
    register = Register()
    for write in taken:
        before = seen_fields(register.rows.get(write.client_id))
        register.write(write)
        after = seen_fields(register.rows.get(write.client_id))

        lost = {f for f in FIELDS if before and (after is None or before[f] != after[f])}
        assert all(write.was.get(field) == before[field] for field in lost)


@given(sequences())
def test_a_write_changes_all_that_it_asks_for_or_nothing(taken):
    register = Register()
    for write in taken:
        before, version = dict(register.rows), register.version
        receipt = register.write(write)

        if receipt.outcome == "refused":
            assert (register.rows, register.version) == (before, version)
        elif write.operation == "update":
            fields = register.living()[write.client_id].fields
            assert {**fields, **write.set} == fields
        elif write.operation == "delete":
            assert isinstance(register.rows[write.client_id], Deleted)


@given(sequences())
def test_only_the_client_that_a_write_names_is_changed(taken):
    register = Register()
    for write in taken:
        before = dict(register.rows)
        register.write(write)

        changed = {key for key, row in register.rows.items() if before.get(key) != row}
        assert changed <= {write.client_id}


@given(sequences(), st.randoms())
def test_writes_sent_again_change_nothing_and_get_their_receipts(taken, random):
    register = Register()
    receipts = {write.write_id: register.write(write) for write in taken}
    before = (dict(register.rows), register.version)

    again = random.sample(taken, len(taken))

    assert all(register.write(write) == receipts[write.write_id] for write in again)
    assert (register.rows, register.version) == before


@given(sequences())
def test_an_accepted_write_under_a_new_id_changes_nothing_more(taken):
    register = Register()
    for number, write in enumerate(taken):
        receipt = register.write(write)
        version = register.version
        again = msgspec.structs.replace(write, write_id=f"again-{number}", if_match=None)

        if receipt.outcome == "accepted":
            assert register.write(again).outcome == "accepted"
            assert register.version == version


@given(sequences())
def test_the_digest_kept_step_by_step_equals_that_of_the_rows(taken):
    register = Register()
    for write in taken:
        register.write(write)

        assert register.digest == register.recomputed_digest()


@given(sequences(), writes())
def test_the_same_question_has_the_same_answer(taken, asked):
    register = Register()
    for write in taken:
        register.write(write)
    current = register.rows.get(asked.client_id)

    first = decide(current, asked, register.holder_of)

    assert decide(current, asked, register.holder_of) == first
