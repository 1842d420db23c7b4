"""Positions in a register's feed: an epoch and a version, sortable as text."""

import re
from typing import NamedTuple, Self

_FORM = re.compile(r"[0-9]{10}_[0-9]{20}\Z")


class Position(NamedTuple):
    """``<epoch>_<version>``, 10 and 20 digits, zero-padded.

    The epoch rises when a register is restored from a backup; the version is the number of the
    change within the register, in the order of commit.
    """

    epoch: int
    version: int

    def __str__(self) -> str:
        """Give the form used in offsets, ETags and headers."""
        return f"{self.epoch:010d}_{self.version:020d}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a position; raises ValueError for anything else."""
        if not _FORM.match(text) or not text.isascii():
            raise ValueError("a position is 10 digits, an underscore and 20 digits")
        return cls(int(text[:10]), int(text[11:]))
