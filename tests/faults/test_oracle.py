"""The oracle passes what is right, and finds each wrong that it is there to find."""

import json
from dataclasses import replace
from hashlib import blake2b
from uuid import UUID

import pytest

from clientela.cli.torture.evidence import Evidence, Left, split_array
from clientela.cli.torture.history import Answer, Asked, History, Seen
from clientela.cli.torture.oracle import judge

ANA, BETO = (f"0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c1{number}" for number in (1, 2))
INSERT, EDIT, DELETE, REFUSED = (f"0198c5a2-0000-7000-8000-00000000000{n}" for n in range(4))


def position(version: int) -> str:
    return f"{1:010d}_{version:020d}"


def client(key: str, version: int, **fields: str) -> bytes:
    blank = dict.fromkeys(("name", "email", "phone", "document", "notes"))
    return json.dumps({"id": key, **blank, **fields, "version": position(version)}).encode()


def digest_of(rows: dict[str, bytes]) -> str:
    total = 0
    for key, value in rows.items():
        text = json.loads(value)["version"].encode()
        row = blake2b(UUID(key).bytes + text + value, digest_size=16)
        total += int.from_bytes(row.digest(), "big")
    return f"{total % (1 << 128):032x}"


class Story:
    """A register in which Ana was inserted and edited, Beto inserted and deleted."""

    def __init__(self) -> None:
        self.rows: dict[str, bytes] = {}
        self.messages: list[bytes] = []
        self.history = History()
        self.receipts: dict[str, dict | None] = {}
        self.asked = [
            self.write(INSERT, "insert", ANA, {"name": "Ana"}, {}),
            self.write(EDIT, "update", ANA, {"email": "ana@example.com"}, {"email": None}),
            self.write(DELETE, "insert", BETO, {"name": "Beto"}, {}),
        ]
        refused = self.ask(REFUSED, "update", ANA, {"name": "Eva"}, {"name": "Eve"})
        refused.answers.append(Answer(4.0, 0, "refused", None, "conflict"))
        self.receipts[REFUSED] = {"outcome": "refused", "version": None}

    def ask(self, write_id, operation, key, values, was) -> Asked:
        return self.history.ask(Asked(write_id, 0, operation, key, values, was))

    def write(self, write_id, operation, key, values, was) -> Asked:
        asked = self.ask(write_id, operation, key, values, was)
        version = len(self.messages) + 1
        fields = json.loads(self.rows[key]) if key in self.rows else {}
        kept = {name: fields[name] for name in fields if name not in ("id", "version")}
        self.rows[key] = client(key, version, **{**kept, **values})
        self.append(key, operation, write_id)
        self.receipts[write_id] = {"outcome": "accepted", "version": position(version)}
        asked.answers.append(Answer(float(version), 0, "accepted", position(version)))
        return asked

    def append(self, key: str, operation: str, write_id: str) -> None:
        headers = {
            "operation": operation,
            "version": position(len(self.messages) + 1),
            "digest": digest_of(self.rows),
            "write_id": write_id,
            "facade": "branch-0",
        }
        head = json.dumps({"type": "client", "key": key})[:-1].encode()
        value = self.rows[key]
        tail = json.dumps(headers).encode()
        self.messages.append(head + b', "value":' + value + b', "headers": ' + tail + b"}")

    def evidence(self) -> Evidence:
        rows = [self.rows[key] for key in sorted(self.rows)]
        at = position(len(self.messages))
        server = Left("server", rows, self.messages, at, self.receipts, digest_of(self.rows))
        sync = {"digest": {"state": "agreed", "version": at}}
        facade = Left("branch-0", rows, self.messages[1:], at, dict(self.receipts), sync=sync)
        return Evidence(server, [facade])

    def see(self, version: int, value: bytes | None, *, began_s: float = 10, key: str = ANA):
        status = 404 if value is None else 200
        shown = json.loads(value) if value else None
        at = position(version)
        seen = Seen(0, 0, began_s, began_s + 0.1, at, key, status, shown)
        self.history.reads.append(seen)


@pytest.fixture
def story() -> Story:
    return Story()


def findings(story: Story, evidence: Evidence | None = None) -> str:
    return "\n".join(judge(story.history, evidence or story.evidence()))


def test_what_is_right_passes(story):
    story.see(2, story.rows[ANA])
    story.see(3, story.rows[ANA], began_s=11)

    assert findings(story) == ""


def test_an_accepted_write_that_is_missing(story):
    lost = story.ask("0198c5a2-0000-7000-8000-0000000000ff", "update", ANA, {"notes": "x"}, None)
    lost.answers.append(Answer(5.0, 0, "pending"))
    story.receipts[lost.write_id] = None

    assert "was answered Answer" in findings(story)


def test_a_refused_write_that_was_applied(story):
    story.asked[1].answers[:] = [Answer(2.0, 0, "refused", None, "conflict")]

    assert "was answered Answer" in findings(story)


def test_a_write_that_was_applied_twice(story):
    story.append(ANA, "update", EDIT)

    assert "was applied twice" in findings(story)


def test_a_change_that_nobody_asked_for(story):
    del story.history.writes[EDIT]

    assert "nobody asked for" in findings(story)


def test_a_conflict_that_was_overrun(story):
    story.asked[1].was = {"email": "eva@example.com"}

    assert "accepted over a conflict in email" in findings(story)


def test_a_value_that_is_not_what_was_asked_for(story):
    story.asked[1].set = {"email": "eva@example.com"}

    assert "became" in findings(story)


def test_a_document_that_two_clients_have(story):
    for write_id, key in (("a", ANA), ("b", BETO)):
        story.write(write_id, "update", key, {"document": "39053344705"}, None)

    assert "to a second client" in findings(story)


def test_a_row_that_differs_at_a_facade(story):
    evidence = story.evidence()
    rows = [client(ANA, 2, name="Eva"), *evidence.facades[0].rows[1:]]
    wrong = replace(evidence, facades=[replace(evidence.facades[0], rows=rows)])

    told = findings(story, wrong)

    assert "branch-0: lacks" in told
    assert "the digest of its rows is not the server's" in told


def test_writes_that_still_wait(story):
    evidence = story.evidence()
    wrong = replace(evidence, facades=[replace(evidence.facades[0], open_writes=1)])

    assert "1 writes wait" in findings(story, wrong)


def test_a_feed_that_was_relayed_with_other_bytes(story):
    evidence = story.evidence()
    messages = [*evidence.facades[0].messages[:-1], b"{}"]
    wrong = replace(evidence, facades=[replace(evidence.facades[0], messages=messages)])

    assert "its feed is not the end of the server's" in findings(story, wrong)


def test_a_facade_whose_receipt_is_another_than_the_servers(story):
    evidence = story.evidence()
    receipts = {**evidence.facades[0].receipts, EDIT: {"outcome": "pending", "version": None}}
    wrong = replace(evidence, facades=[replace(evidence.facades[0], receipts=receipts)])

    assert "its receipt is" in findings(story, wrong)


def test_a_position_that_went_back(story):
    story.see(3, story.rows[ANA])
    story.see(2, story.rows[ANA], began_s=11)

    assert "went back" in findings(story)


def test_a_client_that_does_not_see_its_own_write(story):
    story.see(1, client(ANA, 1, name="Ana"))

    assert f"update {EDIT} was answered" in findings(story)


def test_a_client_that_does_not_find_what_it_inserted(story):
    story.see(1, None)

    assert f"insert {INSERT} was answered" in findings(story)


def test_after_a_power_cut_a_write_may_wait_for_a_client_to_be_known_again(story):
    story.asked[1].answers[:] = [Answer(2.0, 1, "pending")]
    late = Seen(0, 1, 10, 10.1, position(0), ANA, 404, None)
    story.asked[0].answers[:] = [Answer(1.0, 0, "accepted", position(1))]
    story.history.reads.append(late)

    assert findings(story) == ""

    story.history.reads[:] = [late._replace(position=position(1))]

    assert f"update {EDIT} was answered" in findings(story)


def test_a_digest_in_the_feed_that_is_not_that_of_the_rows(story):
    story.messages[1] = story.messages[1].replace(b'"digest": "', b'"digest": "0')

    assert "is not that of the rows" in findings(story)


def test_items_of_an_array_keep_their_bytes():
    assert split_array(b' [{"a": 1.0},\n{"b":"\\u00e1"} ]') == [b'{"a": 1.0}', b'{"b":"\\u00e1"}']
