"""Failures by address: who tries tokens that are none is asked to wait."""

import ipaddress
import time
from collections.abc import Callable

from clientela import limits
from clientela.errors import ClientelaError

_NETWORK_BITS = 64  # of IPv6: what one customer has


class Attempts:
    """Counts failures of each address within a window of time; bounded: the oldest is forgotten."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._failures: dict[str, tuple[int, float]] = {}

    def check(self, address: str) -> None:
        """Raise ClientelaError ``too-many-requests`` where there were too many failures."""
        count, since_s = self._of(_network(address))
        if count >= limits.SIGN_IN_FAILURES_MAX:
            wait_s = int(since_s + limits.SIGN_IN_FAILURES_S - self._now_s()) + 1
            detail = f"Too many wrong tokens came from here: wait {wait_s} s, then try again."
            raise ClientelaError("too-many-requests", detail, headers={"Retry-After": str(wait_s)})

    def failed(self, address: str) -> None:
        """Count a failure."""
        network = _network(address)
        count, since_s = self._of(network)
        if network not in self._failures and len(self._failures) >= limits.SIGN_IN_ADDRESSES_MAX:
            del self._failures[next(iter(self._failures))]
        self._failures[network] = (count + 1, since_s)

    def _of(self, network: str) -> tuple[int, float]:
        now_s = self._now_s()
        count, since_s = self._failures.get(network, (0, now_s))
        return (count, since_s) if now_s < since_s + limits.SIGN_IN_FAILURES_S else (0, now_s)


def _network(address: str) -> str:
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if known.version == 4:  # noqa: PLR2004
        return address
    return str(ipaddress.ip_network((known, _NETWORK_BITS), strict=False))
