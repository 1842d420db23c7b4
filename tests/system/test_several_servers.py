"""Several servers on one register in PostgreSQL: whichever is asked, it is one register."""

import asyncio
import os
import random
import subprocess
import sys

import aiohttp
import httpx
import msgspec
import uuid_utils

from clientela.clients import digest

SERVERS = 4
MOVED_S = 10
WRITERS = 32
LONG = os.environ.get("CLIENTELA_LONG") == "1"
WRITES = 100_000 if LONG else 3_000


class Register:
    """Writers and followers that take any of the servers for each request."""

    def __init__(self, session, urls, seed=1):
        self.session, self.urls = session, urls
        self.chance = random.Random(seed)  # noqa: S311 - replays from its seed
        self.accepted = {}  # of each write, its version
        self.done = asyncio.Event()

    def any(self):
        return self.chance.choice(self.urls)

    async def write(self, writes):
        """Write again and again; what was written is there at once, whoever is asked."""
        ids = []
        for number in range(writes):
            write = self.next(ids)
            async with self.session.post(self.any() + "/clients/writes", json=[write]) as answer:
                (receipt,) = await answer.json()
                assert answer.status == 200, receipt
            assert receipt["outcome"] == "accepted", receipt
            self.accepted[write["write_id"]] = receipt["version"]
            if number % 8 == 0:
                await self.check_reads(write, receipt["version"])

    def next(self, ids):
        made = {"write_id": str(uuid_utils.uuid7())}
        if ids and self.chance.random() < 0.3:
            # Nobody has seen any value of this field, so none is in the way.
            notes = f"note {self.chance.random()}"
            was = ids[-1][1]
            ids[-1] = (ids[-1][0], notes)
            change = {"set": {"notes": notes}, "was": {"notes": was}}
            return {**made, "operation": "update", "client_id": ids[-1][0], **change}
        ids.append((str(uuid_utils.uuid7()), None))
        return {**made, "operation": "insert", "client_id": ids[-1][0], "set": {"name": "Ana"}}

    async def check_reads(self, write, version):
        one = f"{self.any()}/clients/{write['client_id']}"
        async with self.session.get(one) as answer:
            assert answer.status == 200
            assert (await answer.json())["version"] >= version
            assert answer.headers["clientela-version"] >= version
        async with self.session.head(self.any() + "/clients/changes") as answer:
            assert answer.headers["stream-next-offset"] >= version
        async with self.session.get(self.any() + "/clients?limit=1") as answer:
            assert answer.headers["clientela-version"] >= version

    async def follow(self):
        """Follow by long-polls, each at another server; gives all changes in order."""
        changes, offset = [], "-1"
        while True:
            last = self.done.is_set()
            live = {} if last or offset == "-1" else {"live": "long-poll"}
            query = {"offset": offset, **live}
            async with self.session.get(self.any() + "/clients/changes", params=query) as answer:
                assert answer.status in (200, 204), await answer.text()
                if answer.status == 200:
                    changes += await answer.json()
                offset = answer.headers["stream-next-offset"]
                if last and "stream-up-to-date" in answer.headers:
                    return changes


async def test_concurrent_writers_at_four_servers_leave_no_gap_and_lose_nothing(start_servers):
    urls = [server.url for server in start_servers(SERVERS)]
    async with aiohttp.ClientSession() as session:
        register = Register(session, urls)
        followers = [asyncio.create_task(register.follow()) for _ in range(3)]
        await asyncio.gather(*(register.write(WRITES // WRITERS) for _ in range(WRITERS)))
        register.done.set()
        # Who waits at the tail hears of one more change.
        await register.write(1)
        seen = await asyncio.gather(*followers)

    changes = await asyncio.to_thread(all_changes, urls[0])
    assert [int(change["headers"]["version"][11:]) for change in changes] == list(
        range(1, len(register.accepted) + 1)
    )
    assert {c["headers"]["write_id"]: c["headers"]["version"] for c in changes} == register.accepted
    for one in seen:
        assert one == changes[: len(one)]
        assert len(one) >= len(changes) - 1
    check_digests(urls[0], changes)


def all_changes(url):
    found, offset = [], "-1"
    while True:
        answer = httpx.get(f"{url}/clients/changes", params={"offset": offset}, timeout=30)
        found += answer.json()
        offset = answer.headers["stream-next-offset"]
        if "stream-up-to-date" in answer.headers:
            return found


def check_digests(url, changes):
    """Each change tells the digest of all rows after it, and the rows add up to the last."""
    rows = {}
    total = digest.EMPTY
    lines = httpx.get(url + "/clients", headers={"Accept": "application/x-ndjson"}, timeout=60)
    for value in lines.content.splitlines():
        client = msgspec.json.decode(value)
        rows[client["id"]] = client
        total = digest.add(total, digest.row_digest(client["id"], client["version"], value))
    last = {change["key"]: change["value"] for change in changes}
    assert rows == last
    assert digest.to_hex(total) == changes[-1]["headers"]["digest"]


def test_a_branch_hears_what_is_written_at_another_server(start_servers, programs):
    one, other = start_servers(2)
    facade = programs.facade(one.url).start()
    answer = httpx.post(f"{other.url}/clients", json={"name": "Ana"})
    client = answer.headers["location"].rsplit("/", 1)[1]

    shown = httpx.get(f"{facade.url}/client?id={client}", headers={"Cache-Control": "no-cache"})

    assert shown.status_code == 200
    assert shown.headers["etag"] == answer.headers["etag"]


def test_a_branch_moves_to_the_server_that_is_left_and_stays_there(start_servers, programs, until):
    one, other = start_servers(2)
    facade = programs.facade(f"{one.url},{other.url}").start()

    def writes_through():
        """Write at the branch, with the verdict of a server."""
        return httpx.post(f"{facade.url}/client", json={"name": "Ana"}).status_code == 201

    def server():
        return httpx.get(f"{facade.url}/sync").json()["server"]

    assert writes_through()
    assert server() == one.url
    one.kill()
    until(writes_through, "the branch writes through the other server", timeout_s=MOVED_S)
    one.start()
    assert writes_through()

    assert server() == other.url
    accepted = httpx.get(f"{other.url}/clients").json()
    assert len(accepted) == len(httpx.get(f"{facade.url}/client").json())


def test_a_facade_that_reports_to_one_server_is_listed_and_forgotten_at_the_other(
    start_servers, programs, until
):
    one, other = start_servers(2)
    facade = programs.facade(one.url).start()

    def names(server):
        return [facade["name"] for facade in httpx.get(f"{server.url}/facades").json()]

    until(lambda: names(other) == ["matriz"], "the other server lists it")
    facade.stop()

    def forgotten():
        # What it reported at last may still be on its way: who reports again is known again.
        httpx.delete(f"{other.url}/facades/matriz")
        return names(one) == [] == names(other)

    until(forgotten, "both servers have forgotten it")


def test_servers_that_start_at_once_make_one_register(start_servers):
    servers = start_servers(SERVERS)

    told = {httpx.get(f"{server.url}/clients").headers["clientela-register"] for server in servers}

    assert len(told) == 1


def test_a_token_that_is_made_beside_the_servers_is_known_to_both(
    start_servers, postgres_url, until
):
    def token(*arguments):
        command = [sys.executable, "-m", "clientela.cli", "token", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    text = token("add", "--role", "admin", "--name", "ana", "--db", postgres_url)
    servers = start_servers(2, options=["--guarded"])
    known = {"Authorization": f"Bearer {text}"}

    assert [httpx.get(f"{s.url}/clients").status_code for s in servers] == [401, 401]
    told = [httpx.get(f"{s.url}/tokens", headers=known).json() for s in servers]
    assert told[0] == told[1]
    revoked = httpx.delete(f"{servers[0].url}/tokens/{told[0][0]['id']}", headers=known)
    assert revoked.status_code == 204
    until(
        lambda: httpx.get(f"{servers[1].url}/clients", headers=known).status_code == 401,
        "the other server knows that it is revoked",
    )
