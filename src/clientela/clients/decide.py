"""Whether a write is accepted: one pure function, the same at the server and in every test."""

from collections.abc import Callable
from dataclasses import dataclass

from clientela.clients.model import FIELDS
from clientela.clients.writes import Conflict, Reason, Write, same_fields
from clientela.errors import FieldError


@dataclass(frozen=True, slots=True)
class Created:
    """The write that created a client: its id, and its ``set`` as it was then normalised."""

    write_id: str
    set: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Living:
    """A client in the register; ``created`` is needed only when an insert is decided."""

    fields: dict[str, str | None]
    version: str
    created: Created | None = None


@dataclass(frozen=True, slots=True)
class Deleted:
    """A client that was deleted at ``version``; its id is never used again."""

    version: str
    created: Created | None = None


Current = Living | Deleted | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The client becomes ``fields`` (all of them); None means that it is deleted."""

    fields: dict[str, str | None] | None


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Accepted at the client's present version, with no change in the feed."""

    version: str


@dataclass(frozen=True, slots=True)
class Repeated:
    """The same creation came before: the receipt of ``write_id`` answers this one, too."""

    write_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing changes, for this reason."""

    reason: Reason


Decision = Accepted | Unchanged | Repeated | Refused
HolderOf = Callable[[str], str | None]


def decide(current: Current, write: Write, holder_of: HolderOf) -> Decision:
    """Decide a valid write against what the register holds under its ``client_id``.

    ``holder_of`` gives the id of the living client that holds a document. Writes whose fields have
    errors are refused by the caller, before.
    """
    if write.operation == "insert":
        return _insert(current, write, holder_of)
    if isinstance(current, Living):
        return _change(current, write, holder_of)
    if current is None:
        return _refused("not-found", "No client ever had this id.")
    if write.operation == "delete":
        return Unchanged(current.version)
    return _refused("gone", "This client was deleted.")


def _insert(current: Current, write: Write, holder_of: HolderOf) -> Decision:
    if current is not None:
        created = current.created
        if created is not None and same_fields(created.set, write.set):
            return Repeated(created.write_id)
        return _refused("id-used", "Another client was created with this id; take a new one.")
    fields = {field: write.set.get(field) for field in FIELDS}
    return _judged(fields, write, holder_of, document_is_new=True)


def _change(current: Living, write: Write, holder_of: HolderOf) -> Decision:
    if write.if_match is not None and write.if_match != current.version:
        return _refused("precondition-failed", "The client was changed since that version.")
    if write.operation == "delete":
        return _delete(current, write)
    return _update(current, write, holder_of)


def _update(current: Living, write: Write, holder_of: HolderOf) -> Decision:
    fields = {**current.fields, **write.set}
    changed = [field for field in FIELDS if fields.get(field) != current.fields.get(field)]
    # A field that already holds the new value never conflicts, whatever the writer had seen.
    conflicts = [
        Conflict(field, yours=fields[field], theirs=current.fields.get(field))
        for field in changed
        if write.was.get(field) != current.fields.get(field)
    ]
    if conflicts:
        return _conflict(conflicts)
    if not changed:
        return Unchanged(current.version)
    return _judged(fields, write, holder_of, document_is_new="document" in changed)


def _delete(current: Living, write: Write) -> Decision:
    conflicts = [
        Conflict(field, yours=write.was.get(field), theirs=current.fields.get(field))
        for field in FIELDS
        if write.was.get(field) != current.fields.get(field)
    ]
    return _conflict(conflicts) if conflicts else Accepted(None)


def _judged(
    fields: dict[str, str | None], write: Write, holder_of: HolderOf, *, document_is_new: bool
) -> Decision:
    """Judge the client that would result."""
    if fields.get("name") is None:
        error = FieldError("name", "required", "Give the client a name.")
        return Refused(Reason("invalid", "A client has a name.", errors=[error]))
    document = fields.get("document")
    if document is not None and document_is_new:
        holder = holder_of(document)
        if holder is not None and holder != write.client_id:
            detail = "Another client has this document."
            return Refused(Reason("duplicate-document", detail, holder=holder))
    return Accepted(fields)


def _conflict(conflicts: list[Conflict]) -> Refused:
    names = ", ".join(conflict.field for conflict in conflicts)
    detail = f"Changed by someone else meanwhile: {names}. Compare, and send again."
    return Refused(Reason("conflict", detail, conflicts=conflicts))


def _refused(code: str, detail: str) -> Refused:
    return Refused(Reason(code, detail))
