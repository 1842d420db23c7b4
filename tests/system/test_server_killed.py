"""A server that is killed: nothing that it answered is lost, nothing is done twice."""

import random
import threading
import uuid
from dataclasses import dataclass, field

import httpx
import pytest

WRITERS = 8


@dataclass
class Writer:
    """Sends clients one after another until the line breaks."""

    url: str
    seed: int
    answered: dict[str, str] = field(default_factory=dict)  # key: Location
    unanswered: list[tuple[str, str]] = field(default_factory=list)

    def run(self) -> None:
        chance = random.Random(self.seed)  # noqa: S311 - replays from its seed
        with httpx.Client(timeout=10) as session:
            while not self.unanswered:
                key = str(uuid.UUID(int=chance.getrandbits(128), version=4))
                name = f"Cliente {chance.randrange(10_000)}"
                try:
                    answer = _post(session, self.url, key, name)
                except httpx.TransportError:
                    self.unanswered.append((key, name))
                else:
                    assert answer.status_code == 201, answer.text
                    self.answered[key] = answer.headers["Location"]


def _post(session, url: str, key: str, name: str) -> httpx.Response:
    return session.post(f"{url}/clients", json={"name": name}, headers={"Idempotency-Key": key})


@pytest.mark.parametrize("seed", [1, 2])
def test_what_was_answered_is_there_after_a_kill_and_the_rest_resolves(
    programs, until, read_register, seed
):
    chance = random.Random(seed)  # noqa: S311 - replays from its seed
    server = programs.server().start()
    writers = [Writer(server.url, seed * 100 + number) for number in range(WRITERS)]
    threads = [threading.Thread(target=writer.run) for writer in writers]
    for thread in threads:
        thread.start()
    enough = chance.randrange(100, 600)
    until(lambda: sum(len(writer.answered) for writer in writers) > enough, "writes under way")

    server.kill()
    for thread in threads:
        thread.join()
    server.start()

    answered = {key: at for writer in writers for key, at in writer.answered.items()}
    unanswered = [resent for writer in writers for resent in writer.unanswered]
    with httpx.Client(base_url=server.url) as session:
        before = read_register(f"{server.url}/clients")
        for key, location in answered.items():
            receipt = session.get(f"/clients/writes/{key}").json()
            assert receipt["outcome"] == "accepted"
            assert location == f"/clients/{receipt['client_id']}"
            assert receipt["client_id"] in before.rows
        decided = sum(
            session.get(f"/clients/writes/{key}").status_code == 200 for key, _ in unanswered
        )
        assert len(before.rows) == len(answered) + decided

        for key, name in unanswered:
            assert _post(session, "", key, name).status_code == 201
            assert _post(session, "", key, name).status_code == 201
    after = read_register(f"{server.url}/clients")
    changes = _changes(server.url)

    assert len(unanswered) == WRITERS
    assert set(after.rows) == set(answered) | {key for key, _ in unanswered}
    assert changes[-1]["headers"]["digest"] == after.digest
    versions = [int(change["headers"]["version"].split("_")[1]) for change in changes]
    assert versions == list(range(1, len(after.rows) + 1))


def _changes(url: str) -> list[dict]:
    changes: list[dict] = []
    offset = "-1"
    while True:
        answer = httpx.get(f"{url}/clients/changes?offset={offset}")
        changes += answer.json()
        offset = answer.headers["Stream-Next-Offset"]
        if answer.headers.get("Stream-Up-To-Date") == "true":
            return changes
