"""What a backup of a Log DB must hold: nothing beyond a sound file."""

import apsw

from clientela.log_facade.migrations import APPLICATION, MIGRATIONS
from clientela.storage.backup import Kind, Progress


def _check(_connection: apsw.Connection, _progress: Progress) -> str | None:
    return None


KIND = Kind(APPLICATION, MIGRATIONS, _check)
