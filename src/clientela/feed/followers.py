"""How many live answers there are in this process: each is a connection that stays."""

import asyncio

from clientela import limits
from clientela.errors import ClientelaError


class Followers:
    """Counts live answers; belongs to the event loop's thread."""

    def __init__(self) -> None:
        self.count = 0

    def take_in(self) -> None:
        """Count the request that is under way, until its task has ended.

        Raises ClientelaError ``overloaded`` when there are too many.
        """
        if self.count >= limits.FOLLOWERS_ITEMS_MAX:
            raise ClientelaError("overloaded", "Too many follow at once: try again in a moment.")
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a request is answered in a task
        self.count += 1
        task.add_done_callback(self._left)

    def _left(self, _task: asyncio.Task[object]) -> None:
        self.count -= 1


FOLLOWERS = Followers()
