"""What is left of a write and its receipt when its client was erased: that it was, and no value."""

import msgspec

from clientela.clients.model import FIELDS
from clientela.clients.writes import Reason, Receipt, Write, same_content
from clientela.errors import FieldError


def blank_write(write: Write) -> Write:
    """Take every value of the client out of a write."""
    return msgspec.structs.replace(write, set={}, was={})


def blank_receipt(receipt: Receipt) -> Receipt:
    """Take every value of the client out of a receipt; outcome, version and code stay."""
    reason = receipt.reason
    if reason is None:
        return receipt
    errors = reason.errors and [  # what is no field of ours is the writer's own text
        FieldError(one.field if one.field in FIELDS else "", one.code, "") for one in reason.errors
    ]
    conflicts = reason.conflicts and [
        msgspec.structs.replace(one, yours=None, theirs=None) for one in reason.conflicts
    ]
    blank = Reason(reason.code, reason.detail, errors=errors, conflicts=conflicts)
    return msgspec.structs.replace(receipt, reason=blank)


def without_holder(receipt: Receipt) -> Receipt:
    """Take out of a refusal which client holds the document."""
    if receipt.reason is None:
        return receipt
    return msgspec.structs.replace(
        receipt, reason=msgspec.structs.replace(receipt.reason, holder=None)
    )


def without_document(write: Write) -> Write:
    """Take the document out of a write that was refused because another client has it."""
    return msgspec.structs.replace(write, set={**write.set, "document": None})


def same_but_document(write: Write, earlier: Write, receipt: Receipt) -> bool:
    """Tell whether an earlier write, refused for a document that is gone since, was the same."""
    reason = receipt.reason
    if reason is None or reason.code != "duplicate-document" or reason.holder is not None:
        return False
    return same_content(without_document(write), earlier)


def same_target(a: Write, b: Write) -> bool:
    """Tell whether two writes do the same to the same client, whatever values they set.

    That is all that can be judged once the values are gone.
    """
    return (a.operation, a.client_id) == (b.operation, b.client_id)
