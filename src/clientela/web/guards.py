"""What every request passes first: its host, its origin, and who asks.

Open on loopback is not open to every page in the browser: a foreign host name that resolves to
127.0.0.1 (DNS rebinding) and a foreign origin are refused.
"""

import ipaddress
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clientela import limits
from clientela.errors import ClientelaError
from clientela.web.access import PRINCIPAL
from clientela.web.admission import Admission, check
from clientela.web.problems import problem, unforeseen

_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\[\]]+))(?::[0-9]*)?")
_ALWAYS = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}


class Rules:
    """Which hosts are answered for, who is let in, and what every answer says.

    ``hosts`` are names allowed beyond loopback. ``told`` gives headers; it is called per response,
    for a facade learns its register's identity only later. Without ``admission`` a service is open.
    """

    def __init__(
        self,
        hosts: Collection[str] = (),
        told: Callable[[], Mapping[str, str]] = dict,
        admission: Admission | None = None,
    ) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)
        self.told = told
        self.admission = admission

    def answers_for(self, host: str) -> bool:
        """Tell whether a Host header names this service."""
        name = _host_name(host)
        return is_loopback(name) or name in self._hosts

    def enter(self, scope: Scope) -> None:
        """Find out who asks; raises ClientelaError ``too-many-requests``."""
        if self.admission is None:
            scope[PRINCIPAL] = None
        else:
            self.admission.enter(scope)

    def check(self, scope: Scope, method: str, template: str) -> None:
        """Let whoever asks use a route; raises ``unauthenticated``, ``forbidden``."""
        if self.admission is not None:
            check(scope, method, template)

    def always(self) -> dict[str, str]:
        """Give the headers of every answer that says nothing else of its own."""
        return {**self.told(), **_ALWAYS}


class Guards:
    """Pure ASGI middleware that keeps the rules."""

    def __init__(self, app: ASGIApp, *, rules: Rules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a good request through; answer a bad one."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        begun = False

        async def telling(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in self._rules.told().items():
                    headers[name] = value
                for name, value in _ALWAYS.items():
                    headers.setdefault(name, value)
            await send(message)

        headers = Headers(scope=scope)
        try:
            self._check_host(headers.getlist("host"))
            _check_origin(headers)
            self._rules.enter(scope)
        except ClientelaError as error:
            await problem(error, scope["path"])(scope, receive, telling)
            return
        try:
            await self._app(scope, receive, telling)
        except ClientDisconnect:
            return  # in the middle of its own body: nobody is there to be told
        except Exception as error:
            # Here, so that this answer has the headers of every other, too.
            if not begun:
                failed = unforeseen(scope["method"], scope["path"], error)
                await failed(scope, receive, telling)
            raise

    def _check_host(self, hosts: Sequence[str]) -> None:
        if len(hosts) > 1:  # who stands before this service may have believed the other one
            raise ClientelaError("malformed", "Send one Host header.")
        host = hosts[0] if hosts else ""
        if not self._rules.answers_for(host):
            raise ClientelaError(
                "host-refused",
                f"The Host header names {_host_name(host)!r}. Use a loopback name, "
                "or start the service with --allowed-host.",
            )


def _check_origin(headers: Headers) -> None:
    origin = headers.get("origin")
    if origin is None:
        return
    if _net_location(origin).lower() != headers.get("host", "").lower():
        raise ClientelaError(
            "origin-refused",
            f"A page from {origin} may not call this service: open the page that it serves.",
        )


def _net_location(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _host_name(host: str) -> str:
    """Give a host without its port; what is no host stays as it is, and is no name of ours."""
    found = _HOST.fullmatch(host)
    return (found[1] or found[2]).lower() if found else host


@lru_cache(maxsize=limits.HOSTS_REMEMBERED_ITEMS)
def is_loopback(name: str) -> bool:
    """Tell whether a host name, or an address to listen on, is of this machine alone."""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
