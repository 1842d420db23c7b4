"""The digest of a register: the sum modulo 2^128 of one BLAKE2b-128 per row.

A sum can be kept up to date by adding and subtracting rows, in any order, without the others.
"""

from hashlib import blake2b

EMPTY = 0  # the digest of a register without rows

_BITS = 128
_MASK = (1 << _BITS) - 1
_BYTES = _BITS // 8
_POSITION_CHARACTERS = 31
_ID_CHARACTERS = 36


def row_digest(client_id: str, version: str, value: bytes) -> int:
    """Hash one row: 16 bytes of id, 31 of position, then the exact bytes of the stored value.

    The first two have a fixed length, so no two rows give the same input. Raises ValueError for
    an id or a position of another length.
    """
    if len(client_id) != _ID_CHARACTERS or len(version) != _POSITION_CHARACTERS:
        raise ValueError("a row has an id of 36 characters and a position of 31")
    row = blake2b(bytes.fromhex(client_id.replace("-", "")), digest_size=_BYTES)
    row.update(version.encode("ascii"))
    row.update(value)
    return int.from_bytes(row.digest(), "big")


def add(total: int, row: int) -> int:
    """Give the digest of a register to which a row was added."""
    return (total + row) & _MASK


def subtract(total: int, row: int) -> int:
    """Give the digest of a register from which a row was taken."""
    return (total - row) & _MASK


def to_bytes(total: int) -> bytes:
    """Give the 16 bytes that databases keep."""
    return total.to_bytes(_BYTES, "big")


def to_hex(total: int) -> str:
    """Give the 32 hexadecimal digits used in changes and over HTTP."""
    return f"{total:032x}"


def from_hex(text: str) -> int:
    """Read what ``to_hex`` wrote; raises ValueError for anything else."""
    raw = bytes.fromhex(text)
    if len(raw) != _BYTES or len(text) != 2 * _BYTES:
        raise ValueError("a digest is 32 hexadecimal digits")
    return int.from_bytes(raw, "big")
