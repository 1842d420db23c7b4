"""What every request passes first: its host, its origin, its media type and its size.

Open on loopback is not open to every page in the browser: a foreign host name that resolves to
127.0.0.1 (DNS rebinding) and a foreign origin are refused.
"""

import ipaddress
from collections.abc import Callable, Collection, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clientela import limits
from clientela.errors import ClientelaError
from clientela.web.problems import problem

_BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})
_JSON = frozenset({"application/json", "application/merge-patch+json"})


class Guards:
    """Pure ASGI middleware; ``hosts`` are names allowed beyond loopback, ``told`` are headers.

    ``told`` is called per response, for a facade learns its register's identity only later.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Collection[str] = (),
        told: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)
        self._told = told

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a good request through; answer a bad one."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._told().items():
                    headers[name] = value
                headers.setdefault("X-Content-Type-Options", "nosniff")
            await send(message)

        try:
            self._check(scope["method"], scope["path"], Headers(scope=scope))
        except ClientelaError as error:
            await problem(error, scope["path"])(scope, receive, telling)
            return
        await self._app(scope, receive, telling)

    def _check(self, method: str, path: str, headers: Headers) -> None:
        self._check_host(headers.get("host", ""))
        self._check_origin(headers)
        if method in _BODY_METHODS:
            _check_media_type(headers.get("content-type", ""))
            _check_length(headers.get("content-length"), path)

    def _check_host(self, host: str) -> None:
        name = _host_name(host)
        if not (_is_loopback(name) or name in self._hosts):
            raise ClientelaError(
                "host-refused",
                f"The Host header names {name!r}. Use a loopback name, "
                "or start the service with --allowed-host.",
            )

    def _check_origin(self, headers: Headers) -> None:
        origin = headers.get("origin")
        if origin is None:
            return
        parts = urlsplit(origin)
        if parts.netloc.lower() != headers.get("host", "").lower():
            raise ClientelaError(
                "origin-refused",
                f"A page from {origin} may not call this service: open the page that it serves.",
            )


def _host_name(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _check_media_type(content_type: str) -> None:
    media_type, _, parameters = content_type.partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if media_type.strip().lower() not in _JSON or charset not in ("", "utf-8"):
        raise ClientelaError(
            "media-type",
            f"The body is {content_type or 'of no stated type'}: "
            "send JSON in UTF-8 with Content-Type: application/json.",
            headers={"Accept-Post": "application/json"},
        )


def body_bytes_max(path: str) -> int:
    """Give the bound on a body for a path, in bytes: only batches of writes are large."""
    return limits.BATCH_BODY_BYTES_MAX if path.endswith("/writes") else limits.BODY_BYTES_MAX


def too_large(bound: int) -> ClientelaError:
    """Make the error for a body beyond its bound, in bytes."""
    return ClientelaError("too-large", f"The body may have {bound} bytes: send less at a time.")


def _check_length(length: str | None, path: str) -> None:
    bound = body_bytes_max(path)
    if length is not None and length.isdigit() and int(length) > bound:
        raise too_large(bound)
