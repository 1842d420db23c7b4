import asyncio
import gzip
import random

import pytest

from clientela import limits
from clientela.storage.register import Page
from clientela.web.list_pages import ListPages, Target
from clientela.web.lists import format_of, gzip_is_taken
from clientela.web.recent_changes import RecentChanges

ITEMS = [b'{"name":"%d"}' % number for number in range(200)]


class Register:
    """Rows with a digest that a test can move; counts how often they are read."""

    def __init__(self):
        self.digest, self.items, self.reads = b"\x01" * 16, ITEMS, 0

    async def read(self):
        self.reads += 1
        return Page(self.items, "after", self.digest)


@pytest.fixture
def register():
    return Register()


@pytest.fixture
def pages(register):
    return ListPages(lambda: register.digest)


def target(query="limit=200", accept=""):
    return Target("/client", query, format_of(accept, ()))


async def answer(pages, register, asked=None, *, gzip=False):
    asked = asked or target()
    page = pages.get(asked) or await pages.make(asked, register.read)
    return pages.sent(asked, page, gzip=gzip)


async def test_a_page_is_read_once_while_nothing_changes(pages, register):
    first = await answer(pages, register)
    second = await answer(pages, register)

    assert first == second
    assert register.reads == 1
    assert first[1] == b"[" + b",".join(ITEMS) + b"]"
    assert first[0]["Link"] == '</client?limit=200&cursor=after>; rel="next"'


async def test_a_page_is_read_anew_after_a_change(pages, register):
    before, _ = await answer(pages, register)
    register.digest, register.items = b"\x02" * 16, ITEMS[:1]

    after, body = await answer(pages, register)

    assert body == b"[" + ITEMS[0] + b"]"
    assert before["ETag"] != after["ETag"]


async def test_forms_of_one_page_have_tags_of_their_own(pages, register):
    one, _ = await answer(pages, register)
    lines, body = await answer(pages, register, target(accept="application/x-ndjson"))

    assert one["ETag"] != lines["ETag"]
    assert body.split(b"\n")[:-1] == ITEMS


async def test_without_a_digest_nothing_is_kept_or_tagged(pages, register):
    register.digest = None

    headers, _ = await answer(pages, register)
    await answer(pages, register)

    assert "ETag" not in headers
    assert register.reads == 2


async def test_a_page_that_is_asked_for_again_is_compressed_for_those_who_follow(pages, register):
    seen = [await answer(pages, register, gzip=True) for _ in range(2)]
    async with asyncio.timeout(10):
        while "Content-Encoding" not in (last := await answer(pages, register, gzip=True))[0]:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)

    assert all("Content-Encoding" not in headers for headers, _ in seen)
    assert gzip.decompress(last[1]) == seen[0][1]
    assert last[0]["ETag"] == seen[0][0]["ETag"].replace('json"', 'json-gzip"')
    plain, body = await answer(pages, register)
    assert (plain, body) == seen[0]


async def test_a_page_is_kept_up_to_a_bound_of_its_body(pages, register, monkeypatch):
    body = len(b"[" + b",".join(ITEMS) + b"]")
    for bound, reads in ((body, 1), (body - 1, 3)):
        monkeypatch.setattr(limits, "LIST_PAGE_BYTES_MAX", bound)
        pages.forget()
        for _ in range(2):
            await answer(pages, register)
        assert register.reads == reads


async def test_the_bytes_that_are_kept_are_bounded(pages, register, monkeypatch):
    one = 2 * len(b"[" + b",".join(ITEMS) + b"]")
    monkeypatch.setattr(limits, "LIST_PAGES_BYTES_MAX", 3 * one)
    for number in range(5):
        await answer(pages, register, target(f"limit=200&cursor={number}"))
    await answer(pages, register, target("limit=200&cursor=4"))
    assert register.reads == 5

    await answer(pages, register, target("limit=200&cursor=0"))

    assert register.reads == 6


class Rows:
    """Rows by their keys, read in either order; every change moves the digest."""

    def __init__(self):
        self.rows = {key: b"%d" % key[0] for key in map(key_of, range(0, 100, 2))}
        self.moves, self.reads, self.descending = 1, 0, False
        self.recent = RecentChanges(self.look_up)
        self.pages = ListPages(self.digest, self.recent)

    def digest(self):
        return self.moves.to_bytes(16, "big")

    def change(self, number, value):
        key = key_of(number)
        if value is None:
            self.rows.pop(key, None)
        else:
            self.rows[key] = value
        self.moves += 1
        self.recent.note([str(number)])

    def look_up(self, ids):
        return {key_of(int(one)): self.rows.get(key_of(int(one))) for one in ids}, self.digest()

    async def fresh(self, limit=20):
        keys = sorted(self.rows, reverse=self.descending)
        start = key_of(90 if self.descending else 9)
        keys = [key for key in keys if (key < start if self.descending else key > start)]
        shown, more = keys[:limit], len(keys) > limit
        following = shown[-1].hex() if more else None
        return Page([self.rows[key] for key in shown], following, self.digest(), shown)

    async def read(self):
        self.reads += 1
        return await self.fresh()


def key_of(number):
    return bytes([number])


@pytest.mark.parametrize("descending", [False, True])
async def test_a_page_that_is_brought_up_to_date_is_the_page_read_anew(descending):
    register, chance = Rows(), random.Random(7)  # noqa: S311
    register.descending = descending
    changes = 2_000
    for number in range(changes):
        shown = await answer(register.pages, register)
        anew = ListPages(register.digest)
        assert shown == anew.sent(target(), await anew.make(target(), register.fresh), gzip=False)
        value = None if chance.random() < 0.1 else b"%d" % number
        register.change(chance.randrange(100), value)

    assert register.reads < changes / 2


async def test_more_changes_than_are_remembered_have_the_page_read_anew():
    register = Rows()
    await answer(register.pages, register)
    for _ in range(limits.LIST_PAGE_CHANGES_MAX + 1):
        register.change(12, b"changed")

    assert b"changed" in (await answer(register.pages, register))[1]
    assert register.reads == 2


async def test_a_change_of_any_rows_has_the_page_read_anew():
    register = Rows()
    await answer(register.pages, register)
    register.rows[key_of(12)] = b"mended"
    register.moves += 1
    register.recent.note()

    assert b"mended" in (await answer(register.pages, register))[1]
    assert register.reads == 2


async def test_rows_of_a_later_moment_are_not_taken_for_those_of_now():
    register = Rows()
    await answer(register.pages, register)
    register.change(12, b"known")
    known = register.digest()
    register.pages._digest_now = lambda: known
    register.rows[key_of(14)] = b"not told yet"
    register.moves += 1

    headers, body = await answer(register.pages, register)

    assert b"not told yet" in body
    assert headers["ETag"] == f'"{register.digest().hex()}-json"'
    assert register.reads == 2


@pytest.mark.parametrize(
    ("accepted", "taken"),
    [
        ("gzip", True),
        ("br, GZIP ; q=0.5", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000", False),
        ("identity", False),
        ("x-gzip", False),
        ("", False),
    ],
)
def test_gzip_is_for_those_who_take_it(accepted, taken):
    assert gzip_is_taken(accepted) == taken
