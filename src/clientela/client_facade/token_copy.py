"""The tokens that live at the server, kept here: people come in while the line is down, too."""

import asyncio
import logging
import time

from clientela import limits
from clientela.client_facade.replica import Replica
from clientela.client_facade.upstream import Upstream, UpstreamError
from clientela.errors import ClientelaError
from clientela.web.admission import Admission

_log = logging.getLogger(__name__)


class TokenCopy:
    """Belongs to the event loop's thread; does nothing at a facade that is open."""

    def __init__(self, replica: Replica, upstream: Upstream, admission: Admission | None) -> None:
        self._replica = replica
        self._upstream = upstream
        self._admission = admission
        self._known: str | None = None  # the ETag of what is kept here
        self._let_in()

    async def run(self) -> None:
        """Ask again and again until cancelled; what the server last said holds meanwhile."""
        while self._admission is not None:
            try:
                await self._ask()
            except (UpstreamError, ClientelaError) as error:
                _log.debug("The server did not tell which tokens live: %s", error)
            self._let_in()
            await asyncio.sleep(limits.TOKENS_ASK_S)

    async def _ask(self) -> None:
        told = await self._upstream.tokens(self._known)
        if told is not None:
            tokens, tag = told
            await self._replica.keep_tokens(tokens)
            self._known = tag

    def _let_in(self) -> None:
        """Let in whose token is kept and has not expired."""
        if self._admission is not None:
            self._admission.keep(self._replica.living_tokens(time.time()))
