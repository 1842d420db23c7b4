"""The epilogue of a run: the server is put back to a backup, and what was lost is offered again."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp

from clientela.cli.torture import backups
from clientela.cli.torture.backups import Backup
from clientela.cli.torture.evidence import Evidence, converge, gather
from clientela.cli.torture.history import History
from clientela.cli.torture.restored import (
    Lost,
    judge_backup,
    judge_lists,
    judge_offered,
    judge_restored,
)
from clientela.cli.torture.system import Branch, System

_STRUCK_WITHIN_S = 2.0  # of the server's start: before, amid or after the facades' fresh copies
_PAGE = 25  # of what was lost: most lists have several pages


@dataclass(slots=True)
class Restoration:
    """What was done: versions of the register, and numbers of changes.

    ``lost`` counts the changes after the backup, ``listed`` those that some facade still knew;
    ``in_step_s`` is how long the facades took to be in step with the restored register.
    """

    backup_version: int
    tail_version: int
    attempts: int
    lost: int
    listed: int = 0
    offered: int = 0
    in_step_s: float = 0


class Epilogue:
    """Restores, judges, offers again, judges; ``judged`` is the run's end, found to be right."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        system: System,
        history: History,
        judged: Evidence,
        backup: Backup,
        chance: random.Random,
    ) -> None:
        self._session = session
        self._system = system
        self._history = history
        self._judged = judged
        self._backup = backup
        self._chance = chance
        tail = len(judged.server.messages)
        lost = tail - backup.version
        self.did = Restoration(backup.version, tail, backup.attempts, lost)

    async def run(self, told: Callable[[str], None]) -> list[str]:
        """Give everything that should not be so.

        Raises NotConvergedError, StartupError, and what aiohttp raises.
        """
        backup = self._backup
        told(f"putting the server back from change {self.did.tail_version} to {backup.version}")
        found = judge_backup(self._history, backup.version, backup.began_s)
        await backups.put_back(self._system, backup)
        await self._kill(self._chance.choice(self._system.branches))
        restored = await self._in_step()
        lists = await self._lists()
        found += judge_restored(self._judged, restored, backup.version, lists)
        self.did.listed = max(map(len, lists))
        return found or await self._offer_again(restored, lists, told)

    async def _kill(self, branch: Branch) -> None:
        """Kill one facade about when it finds out: nothing may be lost by that, either.

        A power cut would be no test: it may take from a replica the very changes it is to list.
        """
        await asyncio.sleep(self._chance.uniform(0, _STRUCK_WITHIN_S))
        branch.program.kill()
        branch.program.start()
        await branch.program.wait_ready()

    async def _in_step(self) -> Evidence:
        self.did.in_step_s = max(
            self.did.in_step_s, round(await converge(self._session, self._system), 2)
        )
        return await gather(self._session, self._system, self._history)

    async def _lists(self) -> list[list[Lost]]:
        return [await self._lost(branch) for branch in self._system.branches]

    async def _lost(self, branch: Branch) -> list[Lost]:
        """Read what a facade lists as lost, page by page."""
        found: list[Lost] = []
        url = f"{branch.program.url}/sync/lost?limit={_PAGE}"
        while url:
            async with self._session.get(url) as response:
                response.raise_for_status()
                found += await response.json()
                url = str(response.links["next"]["url"]) if "next" in response.links else ""
        return found

    async def _offer_again(
        self,
        restored: Evidence,
        lists: Sequence[Sequence[Lost]],
        told: Callable[[str], None],
    ) -> list[str]:
        """Offer all that was lost, in its order, at the first facade that knows all of it."""
        whole = [number for number, lost in enumerate(lists) if len(lost) == self.did.lost]
        if not whole or not self.did.lost:
            return []
        through, lost = whole[0], lists[whole[0]]
        branch = self._system.branches[through]
        told(f"offering {len(lost)} lost changes again at {branch.program.name}")
        found = [text for change in lost if (text := await self._offer(branch, change))]
        self.did.offered = len(lost) - len(found)
        after = await self._in_step()
        found += judge_offered(self._judged, restored, after, lost, branch.program.name)
        return found + await self._let_go(lists, through)

    async def _offer(self, branch: Branch, lost: Lost) -> str | None:
        url = f"{branch.program.url}/sync/lost/{lost['headers']['write_id']}/offer"
        async with self._session.post(url) as response:
            if response.status in (HTTPStatus.OK, HTTPStatus.ACCEPTED):
                return None
            return f"{lost}, offered again, was answered {response.status} {await response.text()}"

    async def _let_go(self, lists: Sequence[Sequence[Lost]], through: int) -> list[str]:
        """See that an offer closes the change where it was made, and a person elsewhere.

        An offer is a write of its own: the other facades can't know that it stands for theirs.
        """
        ids = [[str(lost["headers"]["write_id"]) for lost in listed] for listed in lists]
        ids[through] = []
        found = judge_lists(await self._lists(), ids)
        for branch, names in zip(self._system.branches, ids, strict=True):
            for write_id in names:
                url = f"{branch.program.url}/sync/lost/{write_id}"
                async with self._session.delete(url) as response:
                    if response.status != HTTPStatus.NO_CONTENT:
                        found.append(f"{url} can't be let go: {response.status}")
        return found + judge_lists(await self._lists(), [[] for _ in ids])
