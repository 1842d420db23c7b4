"""Small numbers for what repeats in nearly every entry: series, names of errors."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from clientela import limits

OTHER_ROUTE = "other"
OTHER_ERROR = "OtherError"
OTHER_PART = "other"

SeriesKey = tuple[str, str, str]
"""Facade, method, route."""

_Name = TypeVar("_Name")


class Names(Generic[_Name]):
    """Numbers names from 0 on, from any thread; at most ``names_max``, the rest is ``other``."""

    def __init__(self, names_max: int, other: Callable[[_Name], _Name]) -> None:
        self._numbers: dict[_Name, int] = {}
        self._names: list[_Name] = []
        self._names_max = names_max
        self._other = other
        self._lock = threading.Lock()

    def __getitem__(self, number: int) -> _Name:
        """Give the name that has this number."""
        return self._names[number]

    def number(self, name: _Name) -> int:
        """Give the number of a name, a new one if need be."""
        found = self._numbers.get(name)
        return self._add(name) if found is None else found

    def _add(self, name: _Name) -> int:
        with self._lock:
            if len(self._names) >= self._names_max:
                name = self._other(name)
            if name not in self._numbers:
                self._names.append(name)
                self._numbers[name] = len(self._names) - 1
            return self._numbers[name]


class Vocabulary:
    """What the columns of a recorder's batches refer to by number."""

    def __init__(self) -> None:
        self.series: Names[SeriesKey] = Names(
            limits.LOG_SERIES_MAX, lambda key: (key[0], key[1], OTHER_ROUTE)
        )
        self.errors: Names[str | None] = Names(limits.LOG_ERROR_NAMES_MAX, lambda _: OTHER_ERROR)
        self.parts: Names[str] = Names(limits.LOG_PART_NAMES_MAX, lambda _: OTHER_PART)
        self.errors.number(None)  # 0 is no error
