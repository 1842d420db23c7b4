"""What a browser is told with every page: what it may load, who may frame it, what it may tell.

Only pages say so, and the service worker's script, whose own policy is the one that it came with.
On an answer that no browser takes for a document (JSON with ``nosniff``) these headers would be
read by nobody, and are as long as the whole head of a point read: decision 21.
"""

from starlette.requests import HTTPConnection

from clientela import limits
from clientela.web.guards import is_loopback

# Nothing inline, nothing from elsewhere; ``data:`` for the small pictures in style sheets. What
# scripts set of an element's style goes by its properties, which no policy forbids.
_PAGE = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; "
    "manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
_HTTPS_FROM_NOW_ON = {"Strict-Transport-Security": f"max-age={limits.HTTPS_REMEMBERED_S}"}


def page_headers(request: HTTPConnection) -> dict[str, str]:
    """Give the headers of a page; over TLS it also tells the browser to stay with it (RFC 6797).

    Not by a name of loopback: it would hold for every other service of that machine.
    """
    stays = is_secure(request) and not is_loopback(request.url.hostname or "")
    return {**_PAGE, **(_HTTPS_FROM_NOW_ON if stays else {})}


def is_secure(request: HTTPConnection) -> bool:
    """Tell whether the caller's connection is TLS: here, or at a proxy that is believed."""
    return bool(request.scope["scheme"] == "https")
