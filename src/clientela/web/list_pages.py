"""Pages of lists as they were sent: while nothing changes they are sent again, and compressed once.

A page is told by the digest of all rows at its moment, so its ETag holds over restarts, and at
every service that keeps the same register. A page whose moment has no digest (a facade shows writes
that wait) is made for each who asks. Where it is known which rows were changed since, just these
are looked up: a thousand rows take sixty times as long as one.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from gzip import compress
from typing import NamedTuple

from clientela import limits
from clientela.storage.register import Page
from clientela.web.lists import Format, link
from clientela.web.recent_changes import RecentChanges

ReadPage = Callable[[], Awaitable[Page]]
DigestNow = Callable[[], bytes | None]
"""Gives the digest of all rows as they are read now; None while it does not tell them all."""


class Target(NamedTuple):
    """Which page, in which form."""

    path: str
    query: str
    form: Format


class ListPage:
    """A page: ``headers`` of its own, its body as it is, and compressed when that has been done."""

    __slots__ = ("body", "digest", "headers", "page", "seen", "tag", "used", "zipped")

    def __init__(self, target: Target, page: Page, seen: int) -> None:
        """``seen`` is the count of changes that are in the page for sure."""
        form = target.form
        self.page = page
        self.seen = seen
        self.digest = page.digest
        self.tag = f"{page.digest.hex()}-{form.name}" if page.digest else None
        self.body = form.opening + form.join(page.items) + form.closing
        self.zipped: bytes | None = None
        self.used = 0
        self.headers = {"Vary": "Accept, Accept-Encoding"}
        if page.following is not None:
            self.headers["Link"] = link(target.path, target.query, page.following)

    @property
    def size(self) -> int:
        """Give the bytes of memory that it takes: the items are kept beside the body."""
        return 2 * len(self.body) + len(self.zipped or b"")

    def changed(self, rows: dict[bytes, bytes | None], digest: bytes) -> Page | None:
        """Give the page with some rows as they are now; None when it has to be read for that."""
        page = self.page
        places = {key: place for place, key in enumerate(page.keys)}
        items = list(page.items)
        for key, value in rows.items():
            place = places.get(key)
            if value is None or (place is None and not self._ends_before(key)):
                return None
            if place is not None:
                items[place] = value
        return Page(items, page.following, digest, page.keys)

    def _ends_before(self, key: bytes) -> bool:
        keys = self.page.keys
        if self.page.following is None or len(keys) <= 1:
            return False
        return key > keys[-1] > keys[0] or key < keys[-1] < keys[0]

    def sent(self, *, zipped: bool) -> tuple[dict[str, str], bytes]:
        """Give its headers and body in the form that the caller takes."""
        headers, body, tag = self.headers, self.body, self.tag
        if zipped and self.zipped is not None:
            headers, body, tag = {**headers, "Content-Encoding": "gzip"}, self.zipped, f"{tag}-gzip"
        return ({**headers, "ETag": f'"{tag}"'} if tag else headers), body


class ListPages:
    """Keeps pages, those asked for last; belongs to the event loop's thread."""

    def __init__(self, digest_now: DigestNow, recent: RecentChanges | None = None) -> None:
        """``recent`` spares reading whole pages anew; without it nothing is known of changes."""
        self._digest_now = digest_now
        self._recent = recent
        self._kept: OrderedDict[Target, ListPage] = OrderedDict()
        self._bytes = 0
        self._compressing: set[asyncio.Task[None]] = set()  # the loop itself holds tasks weakly

    def __contains__(self, target: Target) -> bool:
        return target in self._kept

    def get(self, target: Target) -> ListPage | None:
        """Give a page as it is now; None when it has to be read for that."""
        page = self._kept.get(target)
        if page is None:
            return None
        if page.digest != self._digest_now():
            return self._changed(target, page)
        self._kept.move_to_end(target)
        page.used += 1
        return page

    async def make(self, target: Target, read: ReadPage) -> ListPage:
        """Read a page, and keep it."""
        seen = self._recent.count if self._recent else 0
        page = ListPage(target, await read(), seen)
        self._keep(target, page)
        return page

    def _changed(self, target: Target, old: ListPage) -> ListPage | None:
        """Bring a page up to date by the rows that were changed; None when that is not enough."""
        if self._recent is None or (changed := self._recent.since(old.seen)) is None:
            return None
        seen = self._recent.count
        rows, digest = self._recent.look_up(changed)
        # Beyond what is known now, the database may hold a transaction more.
        if digest is None or digest != self._digest_now():
            return None
        page = old.changed(rows, digest)
        if page is None:
            return None
        made = ListPage(target, page, seen)
        self._keep(target, made)
        return made

    def forget(self) -> None:
        """Keep nothing: someone was erased, and may stand on a page that nobody asks for again."""
        self._kept.clear()
        self._bytes = 0

    def _keep(self, target: Target, page: ListPage) -> None:
        self._drop(target)
        if page.digest is None or len(page.body) > limits.LIST_PAGE_BYTES_MAX:
            return
        self._kept[target] = page
        self._bytes += page.size
        while self._bytes > limits.LIST_PAGES_BYTES_MAX:
            self._drop(next(iter(self._kept)))

    def _drop(self, target: Target) -> None:
        page = self._kept.pop(target, None)
        if page is not None:
            self._bytes -= page.size

    def sent(self, target: Target, page: ListPage, *, gzip: bool) -> tuple[dict[str, str], bytes]:
        """Give a page's headers and body for one who takes gzip, or does not.

        Who asks first waits for no compression; who asks for the same page again has it compressed
        for all that follow, in a thread.
        """
        worth = gzip and page.digest is not None and len(page.body) >= limits.GZIP_BYTES_MIN
        if worth and page.used == 1:
            task = asyncio.get_running_loop().create_task(self._compress(target, page))
            self._compressing.add(task)
            task.add_done_callback(self._compressing.discard)
        return page.sent(zipped=worth)

    async def _compress(self, target: Target, page: ListPage) -> None:
        page.used += 1
        zipped = await asyncio.to_thread(compress, page.body, limits.GZIP_LEVEL, mtime=0)
        if self._kept.get(target) is page:
            page.zipped = zipped
            self._bytes += len(zipped)
