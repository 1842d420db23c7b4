"""TEMPORARY stand-in."""

NO_TRACE = bytes(16)
