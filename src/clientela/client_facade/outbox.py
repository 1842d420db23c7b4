"""Writes that wait at a facade: taken in, shown, answered by the server, and let go.

All of it runs in the replica's writer thread, inside the caller's transaction. A client's overlay
is always the replica's row with the client's open writes applied in their order, so it is simply
made anew whenever one of the two changes.
"""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import apsw
import msgspec

from clientela import limits
from clientela.client_facade.index_tables import OVERLAY_PLACES, IndexTables
from clientela.client_facade.outbox_tables import Entry, OutboxTables, State
from clientela.client_facade.overlay import applied, has_base
from clientela.client_facade.view import View
from clientela.clients.changes import ChangeHeaders, decode_change
from clientela.clients.decide import Created, Current, Deleted, Living, Refused, decide
from clientela.clients.model import Client
from clientela.clients.writes import ParsedWrite, Reason, Receipt, Write, same_content
from clientela.errors import ClientelaError
from clientela.feed.position import Position
from clientela.storage.register import Tombstone

_decode_fields = msgspec.json.Decoder(Client).decode


class Outbox:
    """Changes outbox and overlay on one connection; ``facade`` is the name in receipts."""

    def __init__(
        self, connection: apsw.Connection, *, facade: str, now_ms: Callable[[], int]
    ) -> None:
        self._facade = facade
        self._now_ms = now_ms
        self.tables = OutboxTables(connection)
        self.view = View(connection)
        self._index = IndexTables(connection)
        self.recount()

    def recount(self) -> None:
        """Count anew what is open: a transaction that failed has counted what did not happen."""
        self.pending = self.tables.count("pending")
        self.refused = self.tables.count("refused")
        self._ahead_of_replica = self.tables.count("accepted")

    @property
    def open(self) -> int:
        """Give the number of open writes."""
        return self.pending + self._ahead_of_replica

    def take_in(
        self,
        parsed: Sequence[ParsedWrite],
        *,
        actor: str | None = None,
        perhaps_decided: bool = False,
    ) -> list[Receipt]:
        """Take writes in, each judged against what reads show here; gives their receipts so far.

        ``actor`` is whose they are.

        A refused one is not kept: it never was in the system. But writes that the server has
        ``perhaps_decided`` (its answer was cut off) it may have accepted, knowing more than this
        facade: they are kept unless they are invalid everywhere, and asked about by being sent
        again. Raises ClientelaError ``overloaded`` when too many wait.
        """
        if self.open + len(parsed) > limits.OUTBOX_WRITES_MAX:
            detail = "Too many writes wait for the server: try again when the line is back."
            raise ClientelaError("overloaded", detail)
        receipts: list[Receipt] = []
        for write in parsed:
            refused = {r.write_id for r in receipts if r.outcome == "refused"}
            receipt = self._take_in(write, refused, actor=actor, perhaps_decided=perhaps_decided)
            receipts.append(receipt)
        return receipts

    def _take_in(
        self,
        parsed: ParsedWrite,
        refused: AbstractSet[str] = frozenset(),
        *,
        actor: str | None,
        perhaps_decided: bool = False,
    ) -> Receipt:
        write = parsed.write
        earlier = self.known(write)
        if earlier is not None:
            return earlier
        if parsed.errors:
            reason = Reason("invalid", "The client is not valid.", errors=list(parsed.errors))
            return self._receipt(write, "refused", reason=reason)
        # Whatever the server has decided, nothing of it is kept.
        if self.view.tables.erasures.of(write.client_id) is not None:
            return self._receipt(write, "refused", reason=Reason("gone", "It was erased."))
        decision = decide(self._current(write), write, self.view.holder_of)
        if not perhaps_decided and self._builds_on_refused(write, refused):
            reason = Reason("depends-on", "A write that this one builds on was refused.")
            return self._receipt(write, "refused", reason=reason)
        if isinstance(decision, Refused) and not perhaps_decided:
            return self._receipt(write, "refused", reason=decision.reason)
        receipt = self._receipt(write, "pending", actor=actor)
        # What it builds on here is not in the register yet: refused there, this is refused with it.
        sent = msgspec.structs.replace(write, depends_on=self._dependencies(write))
        self.tables.add(sent, "pending", receipt, self._now_ms())
        self.pending += 1
        self.show(write.client_id)
        return receipt

    def _builds_on_refused(self, write: Write, refused: AbstractSet[str]) -> bool:
        """Tell whether it names a write that was refused: just now, or by the server."""
        kept = (self.tables.find(write_id) for write_id in write.depends_on)
        return not refused.isdisjoint(write.depends_on) or any(
            entry is not None and entry.state == "refused" for entry in kept
        )

    def known(self, write: Write) -> Receipt | None:
        """Give the receipt of a write that came by before: here, or as a change in the feed."""
        entry = self.tables.find(write.write_id)
        if entry is not None and entry.state != "lost":
            if same_content(write, entry.write):
                return entry.receipt
            detail = "This write_id was used for another write: take a new one."
            return self._receipt(write, "refused", reason=Reason("key-reused", detail))
        for message in self.view.tables.history(write.client_id):
            headers = decode_change(message).headers
            if headers.write_id == write.write_id:
                return self._accepted(write, headers)
        return None

    def _current(self, write: Write) -> Current:
        shown = self.view.client(write.client_id)
        if shown is None:
            return None
        created = self._created(write) if write.operation == "insert" else None
        if isinstance(shown, Tombstone):
            return Deleted(shown.version, created)
        return Living(_decode_fields(shown.value).fields(), shown.version, created)

    def _created(self, write: Write) -> Created | None:
        for entry in self.tables.open_of(write.client_id):
            if entry.write.operation == "insert":
                return Created(entry.write.write_id, entry.write.set)
        return None

    def _dependencies(self, write: Write) -> list[str]:
        """Name the pending writes from which this one's client, or its ``was``, came.

        After them those that its writer named.
        """
        found: list[str] = []
        setters: dict[str, Write] = {}
        for entry in self.tables.open_of(write.client_id):
            if entry.state != "pending":
                continue
            if entry.write.operation == "insert":
                found.append(entry.write.write_id)
            setters.update(dict.fromkeys(entry.write.set, entry.write))
        found += [
            setters[field].write_id
            for field, seen in write.was.items()
            if field in setters and setters[field].set[field] == seen
        ]
        named = dict.fromkeys([*found, *write.depends_on])
        return list(named)[: limits.WRITE_DEPENDENCIES_MAX]

    def _receipt(
        self,
        write: Write,
        outcome: Any,
        *,
        version: str | None = None,
        reason: Reason | None = None,
        actor: str | None = None,
    ) -> Receipt:
        return Receipt(
            write_id=write.write_id,
            client_id=write.client_id,
            operation=write.operation,
            outcome=outcome,
            version=version,
            reason=reason,
            at=write.at,
            facade=self._facade,
            actor=actor,
        )

    def _accepted(self, write: Write, headers: ChangeHeaders) -> Receipt:
        """Give the receipt of a write whose change has come by."""
        return self._receipt(write, "accepted", version=headers.version, actor=headers.actor)

    def supersede(self, entry: Entry, parsed: ParsedWrite, actor: str | None) -> Receipt:
        """Put a new write of ``actor`` in the place of a refused one; a refusal changes nothing."""
        receipt = self._take_in(parsed, actor=actor)
        if receipt.outcome != "refused":
            self._move(entry, "superseded", entry.receipt)
        return receipt

    def discard(self, entry: Entry) -> None:
        """Close a refused write; its receipt stays."""
        self._move(entry, "discarded", entry.receipt)

    def keep_accepted(self, parsed: Sequence[ParsedWrite], receipts: Sequence[Receipt]) -> None:
        """Show writes that the server accepted, until the replica has them."""
        for (write, _), receipt in zip(parsed, receipts, strict=True):
            ahead = receipt.outcome == "accepted" and self._ahead(receipt.version)
            entry = self.tables.find(write.write_id)
            if ahead and (entry is None or entry.state == "lost"):
                self.tables.add(write, "accepted", receipt, self._now_ms())
                self._ahead_of_replica += 1
                self.show(write.client_id)

    def settle(self, receipts: Sequence[Receipt]) -> None:
        """Take the server's verdicts on pending writes."""
        for receipt in receipts:
            entry = self.tables.find(receipt.write_id)
            if entry is not None and entry.state == "pending":
                self._settle(entry, receipt)

    def _settle(self, entry: Entry, receipt: Receipt) -> None:
        state: State = "refused"
        if receipt.outcome == "accepted":
            state = "accepted" if self._ahead(receipt.version) else "settled"
        self._move(entry, state, receipt)
        self.show(entry.write.client_id)

    def ask_again(self, reached: Position | None = None) -> None:
        """Send once more what was accepted up to a position (None: at any), but did not arrive.

        A copy brings the register's rows, but no word of single writes; and a register that was
        restored may not know them. Sent again, each is decided exactly once all the same.
        """
        if not self._ahead_of_replica:
            return
        for entry in self.tables.in_state("accepted", limits.OUTBOX_WRITES_MAX):
            if reached is None or (entry.receipt.version or "") <= str(reached):
                actor = entry.receipt.actor
                self._move(entry, "pending", self._receipt(entry.write, "pending", actor=actor))
                self.show(entry.write.client_id)

    def unsettle(self, entry: Entry, receipt: Receipt | None) -> None:
        """Give a settled write its receipt in a restored register: None when it is not known."""
        if receipt is not None:
            self._move(entry, "settled", receipt)
            return
        detail = "The register was restored from before this write: see /sync/lost."
        actor = entry.receipt.actor
        void = self._receipt(entry.write, "refused", reason=Reason("lost", detail), actor=actor)
        self._move(entry, "lost", void)

    def found_again(self, headers: ChangeHeaders) -> None:
        """Settle a lost write that the register now has: it was sent once more."""
        entry = self.tables.find(headers.write_id)
        if entry is not None and entry.state == "lost":
            receipt = self._accepted(entry.write, headers)
            self._move(entry, "settled", receipt)

    def close_lost(self, write_id: str, state: State) -> None:
        """Close a lost write that a person has dealt with; its receipt stays."""
        entry = self.tables.find(write_id)
        if entry is not None and entry.state == "lost":
            self._move(entry, state, entry.receipt)

    def _move(self, entry: Entry, state: State, receipt: Receipt) -> None:
        self.tables.close(entry.write.write_id, state, receipt)
        self.pending += (state == "pending") - (entry.state == "pending")
        self.refused += (state == "refused") - (entry.state == "refused")
        self._ahead_of_replica += (state == "accepted") - (entry.state == "accepted")

    def _ahead(self, version: str | None) -> bool:
        """Tell whether the replica has perhaps not what holds at a version."""
        copy = self.view.tables.copy()
        if copy is not None and not copy.done:
            return True  # the page with this client may be still to come
        head = self.view.tables.head()
        return head is None or version is None or Position.parse(version) > head.position

    def arrived(self, client_id: str, headers: ChangeHeaders) -> None:
        """Take note of a change that the replica now has: it may be one of ours."""
        if not self.open:
            return
        for entry in self.tables.open_of(client_id):
            receipt = entry.receipt
            if entry.write.write_id == headers.write_id:
                # The feed was quicker than the server's answer, or the answer was cut off.
                receipt = self._accepted(entry.write, headers)
            if receipt.version is not None and receipt.version <= headers.version:
                self._move(entry, "settled", receipt)
        self.show(client_id)

    def show_all(self) -> None:
        """Make every overlay anew: the replica was changed in many places."""
        for client_id in self.tables.open_clients() if self.open else ():
            self.show(client_id)

    def show(self, client_id: str) -> None:
        """Make a client's overlay: its row with its open writes, or none."""
        entries = self.tables.open_of(client_id)
        row = self.view.tables.client(client_id)
        if not entries or not has_base(row, entries):
            place = self.tables.uncover(client_id)
            if place is not None:
                self._index.drop(OVERLAY_PLACES + place)
            return
        tag, value = applied(row, entries)
        if value is None:
            place = self.tables.overlay(client_id, tag, None, None)
            self._index.drop(OVERLAY_PLACES + place)
            return
        shown = self.tables.overlaid(client_id)
        before = _decode_fields(shown).fields() if shown else None
        client = _decode_fields(value)
        place = self.tables.overlay(client_id, tag, client.document, value)
        if client.fields() != before:  # a verdict changes the tag alone, and indexing costs most
            self._index.put([(OVERLAY_PLACES + place, client)])
