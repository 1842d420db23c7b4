"""A part of ``clientela up`` ends with it, also when it is killed without a word."""

import os
import signal
import sys
import threading

SUPERVISED = "CLIENTELA_SUPERVISED"


def end_with_supervisor() -> None:
    """Stop this process cleanly when its supervisor is gone: then its input ends."""
    if SUPERVISED in os.environ:
        threading.Thread(target=_wait, name="supervisor-watch", daemon=True).start()


def _wait() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
