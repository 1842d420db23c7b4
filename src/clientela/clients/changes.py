"""A change of the register: one message of its feed (the State Protocol of Durable Streams)."""

import msgspec


class ChangeHeaders(msgspec.Struct, frozen=True):
    """What is told of a change beside the client's new value.

    ``operation`` is insert, update or delete; ``version`` a position; ``digest`` that of the whole
    register after the change; ``timestamp`` RFC 3339, UTC. ``erased``, told only where it is so:
    the client was erased, and everyone forgets all that they hold of it.
    """

    operation: str
    version: str
    digest: str
    timestamp: str
    write_id: str
    facade: str | None = None
    actor: str | None = None
    erased: bool | msgspec.UnsetType = msgspec.UNSET


class Change(msgspec.Struct, frozen=True):
    """A change with the exact bytes of its value: none for a delete."""

    type: str
    key: str
    headers: ChangeHeaders
    value: msgspec.Raw = msgspec.Raw()

    @property
    def value_bytes(self) -> bytes:
        """Give the value as it was stored; empty when there is none."""
        return bytes(self.value)


class _Keyed(msgspec.Struct):
    key: str


_KEYED = msgspec.json.Decoder(_Keyed)
_DECODER = msgspec.json.Decoder(Change)


def encode_change(key: str, headers: ChangeHeaders, value: bytes | None) -> bytes:
    """Give the JSON of a change; the bytes of ``value`` go in untouched, None leaves it out."""
    head = b'{"type":"client","key":' + msgspec.json.encode(key)
    middle = b',"value":' + value if value is not None else b""
    return head + middle + b',"headers":' + msgspec.json.encode(headers) + b"}"


def decode_change(message: bytes) -> Change:
    """Read a change; members that a newer server added are ignored.

    Raises ValueError for anything else: msgspec.DecodeError, or UnicodeDecodeError.
    """
    return _DECODER.decode(message)


def changed_client(message: bytes) -> str:
    """Give the id of the client that a change is of; raises msgspec.DecodeError for other bytes."""
    return _KEYED.decode(message).key
