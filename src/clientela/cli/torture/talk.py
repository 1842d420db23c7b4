"""Speaking to the facades as their clients do, and noting what was asked, answered and seen."""

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import aiohttp

from clientela import limits
from clientela.cli.torture.history import Answer, Asked, History, Seen, Verdict
from clientela.cli.torture.system import Branch

_LOST = (aiohttp.ClientError, TimeoutError, OSError, ValueError)
_METHODS = {"insert": "POST", "update": "PATCH", "delete": "DELETE"}
_REFUSALS = frozenset(
    {"duplicate-document", "conflict", "gone", "not-found", "precondition-failed", "depends-on"}
)


class Talk:
    """One conversation with all facades; belongs to one event loop."""

    def __init__(self, branches: Sequence[Branch], history: History) -> None:
        self._branches = branches
        self.history = history
        timeout = aiohttp.ClientTimeout(total=limits.TORTURE_ANSWER_S)
        connector = aiohttp.TCPConnector(limit=0)
        self._session = aiohttp.ClientSession(timeout=timeout, connector=connector)

    async def close(self) -> None:
        """Hang up."""
        await self._session.close()

    async def read(self, facade: int, client_id: str | None, query: str = "") -> Seen | None:
        """Read one client, or a list by ``query``; None when no answer came."""
        branch = self._branches[facade]
        path = f"/client?id={client_id}" if client_id else f"/client?{query}"
        era, began = branch.era, time.monotonic()
        try:
            async with self._session.get(branch.program.url + path) as response:
                body = await response.json(content_type=None)
                status, position = response.status, response.headers.get("Clientela-Version")
        except _LOST:
            return None
        self._check_status(facade, "GET", path, status, body)
        if position is None or branch.era != era:
            return None
        client = body if client_id and status == HTTPStatus.OK else None
        seen = Seen(facade, era, began, time.monotonic(), position, client_id, status, client)
        self.history.reads.append(seen)
        return seen

    async def send(self, writes: Sequence[Asked], *, plain: bool) -> bool:
        """Send writes of one facade; False when no verdict came, so that they are to be sent again.

        ``plain`` sends the one write as POST, PATCH or DELETE of a client.
        """
        branch = self._branches[writes[0].facade]
        for write in writes:
            write.sent += 1
        request = self._plain(branch, writes[0]) if plain else self._batch(branch, writes)
        try:
            async with request as response:
                body = await response.text()
                told = json.loads(body) if body else None
        except _LOST:
            self.history.answers_lost += 1
            return False
        if plain:
            return self._plain_answer(branch, writes[0], response, told)
        return self._batch_answer(branch, writes, response.status, told)

    def _plain(self, branch: Branch, write: Asked) -> Any:
        headers = {"Idempotency-Key": write.write_id}
        url, body = f"{branch.program.url}/client", None
        if write.operation == "insert":
            body = {"id": write.client_id, **write.set}
        else:
            url += f"?id={write.client_id}"
            body = write.set if write.operation == "update" else None
        return self._session.request(_METHODS[write.operation], url, json=body, headers=headers)

    def _batch(self, branch: Branch, writes: Sequence[Asked]) -> Any:
        body = [
            {
                "write_id": write.write_id,
                "operation": write.operation,
                "client_id": write.client_id,
                "set": write.set,
                "was": write.was or {},
                "at": datetime.now(UTC).isoformat(),
            }
            for write in writes
        ]
        return self._session.post(f"{branch.program.url}/client/writes", json=body)

    def _plain_answer(
        self, branch: Branch, write: Asked, response: aiohttp.ClientResponse, told: Any
    ) -> bool:
        status = response.status
        verdict: Verdict | None = None
        code = told.get("code") if isinstance(told, dict) else None
        version = None
        if status in (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT):
            verdict = "accepted"
            if write.operation == "insert":
                version = response.headers.get("ETag", "").strip('"')
        elif status == HTTPStatus.ACCEPTED:
            verdict = "pending"
        elif code in _REFUSALS:
            # An earlier sending may have been taken before the facade forgot the client.
            if code == "not-found" and write.sent > 1:
                return True
            verdict = "refused"
        if verdict is None:
            self._check_status(write.facade, _METHODS[write.operation], "/client", status, told)
            return status < HTTPStatus.INTERNAL_SERVER_ERROR
        if response.headers.get("Clientela-Write") != write.write_id:
            self._odd(write.facade, f"an answer without its Clientela-Write: {status} {told}")
        write.answers.append(Answer(time.monotonic(), branch.era, verdict, version, code))
        return True

    def _batch_answer(
        self, branch: Branch, writes: Sequence[Asked], status: int, told: Any
    ) -> bool:
        if status != HTTPStatus.OK or not isinstance(told, list):
            self._check_status(writes[0].facade, "POST", "/client/writes", status, told)
            return status < HTTPStatus.INTERNAL_SERVER_ERROR
        if [receipt["write_id"] for receipt in told] != [write.write_id for write in writes]:
            self._odd(writes[0].facade, f"receipts of other writes: {told}")
        for write, receipt in zip(writes, told, strict=True):
            code = (receipt["reason"] or {}).get("code")
            if code is not None and code not in _REFUSALS:
                self._odd(write.facade, f"refused for no reason of the workload: {receipt}")
            at_s = time.monotonic()
            answer = Answer(at_s, branch.era, receipt["outcome"], receipt["version"], code)
            write.answers.append(answer)
        return True

    def _check_status(self, facade: int, method: str, path: str, status: int, told: Any) -> None:
        """Note a status that neither the workload nor a fault explains."""
        away = (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.INSUFFICIENT_STORAGE)
        read = (HTTPStatus.OK, HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
        if status not in away and not (method == "GET" and status in read):
            self._odd(facade, f"{method} {path} was answered {status}: {told}")

    def _odd(self, facade: int, what: str) -> None:
        self.history.oddities.append(f"branch-{facade}: {what}")
