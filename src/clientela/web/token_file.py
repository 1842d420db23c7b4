"""The tokens of a file that another process owns: a register's, or a facade's Client DB."""

import asyncio
import logging
import time
from pathlib import Path

import apsw

from clientela import limits
from clientela.errors import StartupError
from clientela.storage.database import second_connection
from clientela.storage.tokens import TokenTable
from clientela.web.admission import Admission

_log = logging.getLogger(__name__)


class TokenFile:
    """Keeps an ``admission`` as the file says; belongs to the event loop's thread."""

    def __init__(self, path: Path, admission: Admission) -> None:
        """Open the file; raises StartupError when it is none that holds tokens."""
        self.admission = admission
        try:
            self._connection = second_connection(path, read_only=True)
            living = TokenTable(self._connection).living(time.time())
        except apsw.Error as error:
            detail = f"{path} tells no tokens ({error}): name a register, or a facade's clients.db."
            raise StartupError(detail) from error
        admission.keep(living)

    async def run(self) -> None:
        """Look again and again until cancelled."""
        while True:
            await asyncio.sleep(limits.TOKENS_READ_S)
            try:
                self.admission.keep(TokenTable(self._connection).living(time.time()))
            except apsw.Error as error:
                _log.warning("The tokens could not be read: those known before hold (%s).", error)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
