"""How a service is reached: by TLS, and through which proxies.

What a proxy says of a request (``X-Forwarded-For``, ``X-Forwarded-Proto``) is believed only of the
addresses that were named: anybody else could write it, too.
"""

import ipaddress
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clientela.errors import StartupError


@dataclass(frozen=True, slots=True)
class Transport:
    """``tls`` is how connections are secured, None for plain HTTP; ``proxies`` are believed."""

    tls: ssl.SSLContext | None = None
    proxies: Sequence[str] = ()

    def options(self) -> dict[str, Any]:
        """Give what uvicorn is told of it."""
        tls = self.tls
        secured = {"ssl_context_factory": lambda *_: tls} if tls else {}
        # Without a name, uvicorn's own default would believe every process of this machine.
        proxies = {"proxy_headers": bool(self.proxies), "forwarded_allow_ips": [*self.proxies]}
        return {**secured, **proxies}


PLAIN = Transport()


def transport(certificate: Path | None, key: Path | None, proxies: Sequence[str]) -> Transport:
    """Read a certificate with its chain and its key, both PEM, and check the proxies' addresses.

    Raises StartupError for what can't be used.
    """
    for address in proxies:
        try:
            ipaddress.ip_network(address)
        except ValueError:
            told = f"{address!r} names no proxy: write an address like 10.0.0.5, or 10.0.0.0/24."
            raise StartupError(told) from None
    if certificate is None and key is None:
        return Transport(None, proxies)
    if certificate is None or key is None:
        raise StartupError("TLS needs both --tls-certificate and --tls-key.")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        # Without a password here, OpenSSL would ask for one at the terminal.
        context.load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:
        raise StartupError(
            f"TLS with {certificate} and {key} is not possible: {error}. "
            "Give a PEM certificate, its chain below it, and its key without a password."
        ) from error
    return Transport(context, proxies)


def trust(authority: Path) -> ssl.SSLContext:
    """Make what verifies a server by an authority of one's own (PEM), and by no other.

    Raises StartupError for a file that holds none.
    """
    try:
        return ssl.create_default_context(cafile=authority)
    except (OSError, ValueError) as error:
        raise StartupError(
            f"{authority} can't be used to verify the server: {error}. "
            "Give the PEM certificate of the authority that issued the server's."
        ) from error
