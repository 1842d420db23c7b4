"""People at the facades: they insert, edit what they see or saw, delete, repeat, and clear up."""

import json
import random
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from starlette.datastructures import Headers

from clientela import limits
from clientela.clients.writes import Receipt, parse_write
from clientela.errors import ClientelaError
from clientela.storage.register import Row
from clientela.web.write_requests import Origin
from simulation.replay import FIELDS, Asked, Replay, require
from simulation.watch import EVERY_NAME_HAS, Watch

_HOT_CLIENTS = 4  # most work is on few clients, so that branches meet
_KNOWN_CLIENTS = 60
_CLIENTS_AT_FIRST = 20
_UNDERSTOOD = {"not-ready", "overloaded", "not-reached", "too-stale"}
_ROUTINE = {
    "insert": 12,
    "edit": 46,
    "edit_old": 10,
    "delete": 5,
    "several": 4,
    "again": 8,
    "clear_up": 8,
    "look": 7,
}


class People:
    """They work at facades that are up; ``trace`` is told what they do."""

    def __init__(
        self, chance: random.Random, replay: Replay, watches: Sequence[Watch], trace: Any
    ) -> None:
        self._chance = chance
        self._replay = replay
        self._watches = watches
        self._trace = trace
        self._moment = 0
        self.clients: list[str] = []
        self._documents = [_cpf(f"{n:09d}") for n in (111222333, 555666777, 123456780, 901)]
        self._forms: list[tuple[int, str, dict]] = []

    def new_id(self) -> str:
        return str(UUID(int=self._chance.getrandbits(128), version=4))

    def act(self, watch: Watch) -> None:
        """Do something at a facade."""
        if len(self.clients) < _CLIENTS_AT_FIRST:
            self._insert(watch)
            return
        (work,) = self._chance.choices(list(_ROUTINE), list(_ROUTINE.values()))
        getattr(self, f"_{work}")(watch)

    def some_clients(self, count: int) -> list[str]:
        known, chance = self.clients[-_KNOWN_CLIENTS:], self._chance
        hot = known[:: len(known) // _HOT_CLIENTS + 1]
        if not known:
            return []
        return [chance.choice(hot if chance.random() < 0.6 else known) for _ in range(count)]

    # --- What they want ---------------------------------------------------------------------------

    def _insert(self, watch: Watch) -> None:
        self._submit(watch, [self._new_client()])

    def _new_client(self) -> dict:
        key = self.new_id()
        self.clients.append(key)
        return self._write("insert", key, self._content(FIELDS), {})

    def _several(self, watch: Watch) -> None:
        """Insert a client and go on with it, all in one request."""
        new = self._new_client()
        seen = {name: new["set"].get(name) for name in FIELDS}
        edit = self._edit_of(new["client_id"], seen)
        self._submit(watch, [new, edit, *([self._new_client()] if self._heads() else [])])

    def _edit(self, watch: Watch) -> None:
        for key, seen in self._shown(watch):
            self._submit(watch, [self._edit_of(key, seen)])

    def _edit_old(self, watch: Watch) -> None:
        """Send a form that was opened a while ago, and open another one."""
        self._forms += [(watch.node.number, key, seen) for key, seen in self._shown(watch)]
        mine = [form for form in self._forms if form[0] == watch.node.number]
        if len(mine) > 1:
            form = self._chance.choice(mine)
            self._forms.remove(form)
            self._submit(watch, [self._edit_of(*form[1:])])

    def _delete(self, watch: Watch) -> None:
        for key, seen in self._shown(watch):
            self._submit(watch, [self._write("delete", key, {}, seen)])

    def _again(self, watch: Watch) -> None:
        """Ask again for what was asked before, answered or not.

        A facade that was restarted promises nothing about what was asked before, once its doubts
        are over: then nobody asks.
        """
        node = watch.node
        doubted = node.sync.age_s is None or node.alive_for_s < limits.LATE_REQUEST_S
        mine = [
            asked
            for asked in self._recent()
            if asked.facade == node.number and asked.sent and (asked.life == node.life or doubted)
        ]
        if mine:
            self._submit(watch, [self._chance.choice(mine).write])

    def _recent(self) -> list[Asked]:
        return list(self._replay.asked.values())[-30:]

    def _look(self, watch: Watch) -> None:
        """Demand an answer that is no older than the question."""
        keys, version = self.some_clients(2), watch.node.line.server.announced
        watch.node.tasks.begin(self._demand(watch, keys, version))

    async def _demand(self, watch: Watch, keys: list[str], version: int) -> None:
        node = watch.node
        try:
            await node.clients.read_headers(Headers({"cache-control": "no-cache"}))
        except ClientelaError as error:
            require(error.code in _UNDERSTOOD, f"a read failed: {error!r}")
            return
        held = node.replica.head.position.version
        require(held >= version, f"{node.name} answered at {held} what demanded {version}")
        for key in keys:
            watch.check_fresh(key, version)

    def _clear_up(self, watch: Watch) -> None:
        """Discard, repeat or edit a refused write."""
        refused = watch.node.replica.outbox.in_state("refused", 20)
        if refused:
            entry = self._chance.choice(refused)
            watch.node.tasks.begin(self._deal_with(watch, entry.write))

    async def _deal_with(self, watch: Watch, write: Any) -> None:
        waiting, began = watch.node.waiting, self._now()
        try:
            match self._chance.randrange(3):
                case 0:
                    await waiting.discard(write.write_id)
                    return
                case 1:
                    receipt = await waiting.retry(write.write_id, "ana")
                case _:
                    names = tuple(write.set) or ("name",)
                    content = {} if write.operation == "delete" else self._content(names)
                    receipt = await waiting.edit(write.write_id, {"set": content}, "ana")
        except ClientelaError:
            return
        sent = watch.node.replica.outbox.find(receipt.write_id).write
        asked = Asked(msgspec.to_builtins(sent), watch.node.number, began, sent=0)
        self._replay.asked[receipt.write_id] = asked
        self._hear(watch, asked, receipt)

    # --- How they ask, and what they hear ---------------------------------------------------------

    def _submit(self, watch: Watch, raws: list[dict]) -> None:
        parsed = [parse_write(raw) for raw in raws[: limits.WRITES_PER_REQUEST_MAX]]
        began = self._now()
        asked = []
        for one, _ in parsed:
            new = Asked(msgspec.to_builtins(one), watch.node.number, began, sent=0)
            asked.append(self._replay.asked.setdefault(one.write_id, new))
            asked[-1].sent += 1
            asked[-1].life = watch.node.life
            asked[-1].refused_here = False
            self._trace(f"{watch.node.name} {one.operation} {one.write_id[:6]} {one.client_id[:6]}")
        watch.node.tasks.begin(self._ask(watch, parsed, asked))

    async def _ask(self, watch: Watch, parsed: list, asked: list[Asked]) -> None:
        times = [one.sent for one in asked]
        try:
            receipts = await watch.node.clients.submit(parsed, Origin(_actor(parsed)))
        except ClientelaError as error:
            require(error.code in _UNDERSTOOD, f"a write failed: {error!r}")
            return
        for one, sent, receipt in zip(asked, times, receipts, strict=True):
            self._hear(watch, one, receipt, last=sent == one.sent)

    def _hear(self, watch: Watch, asked: Asked, receipt: Receipt, *, last: bool = True) -> None:
        write_id, now = receipt.write_id, self._now()
        stored = self._replay.receipts.get(write_id)
        self._trace(f"{watch.node.name} {write_id[:6]}: {receipt.outcome} {receipt.version}")
        if receipt.outcome == "pending":
            if asked.kept_at is None:
                asked.kept_at = now
                asked.builds_on = watch.built_on(asked)
                if stored is None:
                    self._replay.waiting.setdefault(asked.facade, {})[write_id] = now
            return
        told = f"{watch.node.name} answered {receipt}, the server {stored}"
        if receipt.outcome == "accepted":
            require(stored and stored["version"] == receipt.version, told)
            watch.shown_own(receipt.client_id, receipt.version or "")
        elif stored is None:
            asked.refused_here = last
        else:
            require(stored["outcome"] == "refused", told)

    def check_refusals(self) -> None:
        """What was refused, and not asked for again, is not applied."""
        for write_id, asked in self._replay.asked.items():
            receipt = self._replay.receipts.get(write_id)
            applied = receipt is not None and receipt["outcome"] == "accepted"
            told = f"{write_id} was refused at branch-{asked.facade}, then accepted: {receipt}"
            require(not (asked.refused_here and applied), told)

    # --- What they write --------------------------------------------------------------------------

    def _write(self, operation: str, key: str, values: dict, was: dict) -> dict:
        return {
            "write_id": self.new_id(),
            "operation": operation,
            "client_id": key,
            "set": values,
            "was": was,
        }

    def _edit_of(self, key: str, seen: dict) -> dict:
        names = self._chance.sample(FIELDS, self._chance.choice((1, 1, 2)))
        was = {name: seen[name] for name in names}
        return self._write("update", key, self._content(names), was)

    def _content(self, names: Sequence[str]) -> dict:
        """Make up values: few different ones, so that they meet; now and then an invalid one."""
        chance = self._chance
        made = {
            "name": f"{EVERY_NAME_HAS} {chance.randrange(6)}",
            "email": chance.choice((None, "ana@example.com", "rui@example.com")),
            "phone": chance.choice((None, "+5511987654321")),
            "document": chance.choice((*[None] * 12, *self._documents)),
            "notes": chance.choice((None, "a", "b", "c")),
        }
        if chance.random() < 0.02:
            made["name"] = " "
        return {name: made[name] for name in names}

    def _shown(self, watch: Watch) -> list[tuple[str, dict]]:
        """Look at a client: gives what is shown of it, nothing when it is not there."""
        replica = watch.node.replica
        if not replica.readable:
            return []
        found = [(key, replica.view.client(key)) for key in self.some_clients(1)]
        return [
            (key, {name: json.loads(row.value)[name] for name in FIELDS})
            for key, row in found
            if isinstance(row, Row)
        ]

    def _heads(self) -> bool:
        return self._chance.random() < 0.5

    def _now(self) -> int:
        self._moment += 1
        return self._moment


def _cpf(nine: str) -> str:
    """Add the check digits to a document."""
    digits = [int(digit) for digit in nine]
    for _ in range(2):
        total = sum(d * w for d, w in zip(digits, range(len(digits) + 1, 1, -1), strict=True))
        digits.append(total * 10 % 11 % 10)
    return "".join(map(str, digits))


def _actor(parsed: list) -> str:
    """Give one of two people, who share no requests."""
    return "ana" if parsed[0].write.write_id < "8" else "bia"
