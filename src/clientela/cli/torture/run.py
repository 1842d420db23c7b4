"""One run from its seed to its judgement."""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import aiohttp

from clientela import limits
from clientela.cli.torture.backups import Backup
from clientela.cli.torture.clocks import clock_library
from clientela.cli.torture.epilogue import Epilogue, Restoration
from clientela.cli.torture.evidence import Evidence, NotConvergedError, converge, gather
from clientela.cli.torture.faults import Saboteur
from clientela.cli.torture.history import History
from clientela.cli.torture.oracle import judge
from clientela.cli.torture.schedule import BY_NAME, Fault, draw
from clientela.cli.torture.system import System
from clientela.cli.torture.talk import Talk
from clientela.cli.torture.workload import Workload
from clientela.errors import StartupError

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is made of: with the code, it is all that a replay needs."""

    seed: int
    seconds: float
    facades: int
    rate: float
    faults: tuple[str, ...]


@dataclass(slots=True)
class Result:
    """How a run went; ``failures`` is empty when it passed."""

    plan: Plan
    failures: list[str] = field(default_factory=list)
    faults: dict[str, int] = field(default_factory=dict)
    commits_torn: int = 0
    writes: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    answers_lost: int = 0
    unanswered: int = 0
    changes: int = 0
    reads: int = 0
    tracebacks: int = 0
    skipped: list[str] = field(default_factory=list)
    converged_s: float | None = None
    restoration: Restoration | None = None
    kept: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Give it as it is kept."""
        told = asdict(self)
        return {**told.pop("plan"), "outcome": "failed" if self.failures else "passed", **told}


async def run(plan: Plan, *, keep: bool, told: Told) -> Result:
    """Make a run; everything it started is gone when it returns, or is cancelled.

    Raises StartupError when a system can't even start.
    """
    chance = random.Random(plan.seed)  # noqa: S311 - not a secret
    result, history = Result(plan), History()
    wants_disks = any(BY_NAME[name].part.endswith("disk") for name in plan.faults)
    folder = Path(mkdtemp(prefix=f"clientela-torture-{plan.seed}-"))
    system = System(
        folder, plan.facades, chance, fillable=wants_disks, oddity=history.oddities.append
    )
    failed = True
    try:
        await _work(plan, system, history, result, chance, told)
        failed = bool(result.failures)
    except asyncio.CancelledError:
        failed = False  # nobody knows
        raise
    finally:
        kept = keep and failed
        await asyncio.shield(system.stop(keep=kept))
        result.kept = str(folder) if kept else None
    return result


async def _work(
    plan: Plan,
    system: System,
    history: History,
    result: Result,
    chance: random.Random,
    told: Told,
) -> None:
    told("starting")
    schedule = _schedule(plan, system, result)
    await system.start()
    talk = Talk(system.branches, history)
    try:
        workload = Workload(talk, plan.facades, plan.rate, random.Random(chance.random()))  # noqa: S311
        backup = await _suffer(plan, system, schedule, workload, result, told)
        told("healed: waiting until all are in step")
        await asyncio.gather(workload.finish(2 * limits.TORTURE_ANSWER_S), _recover(system, result))
        told("judging")
        evidence = await _judge(system, history, result)
        if evidence and backup and not result.failures:
            epilogue = random.Random(chance.random())  # noqa: S311 - not a secret
            await _put_back(system, history, evidence, backup, epilogue, result, told)
    finally:
        await talk.close()
        _count(system, history, result)


def _schedule(plan: Plan, system: System, result: Result) -> list[Fault]:
    """Draw the faults, leave out what can't be done here, and say so; raises StartupError.

    Only who is struck by a clock gets one of its own: faking costs, and is not what people run.
    """
    ends = [
        *(() if system.fillable else ("-disk",)),
        *(() if clock_library() else ("-clock",)),
    ]
    result.skipped = sorted(
        name for name in plan.faults if BY_NAME[name].part.endswith(tuple(ends))
    )
    schedule = draw(
        plan.seed,
        seconds=plan.seconds,
        facades=plan.facades,
        kinds=plan.faults,
        impossible=result.skipped,
    )
    for fault in schedule:
        if BY_NAME[fault.kind].part.endswith("-clock"):
            system.give_clock(fault.facade)
    return schedule


async def _suffer(
    plan: Plan,
    system: System,
    schedule: Sequence[Fault],
    workload: Workload,
    result: Result,
    told: Told,
) -> Backup | None:
    """Let people work and faults strike; gives the backup that was made meanwhile."""
    began = time.monotonic()

    def tell(fault: Fault) -> None:
        at = "the server" if fault.facade is None else f"branch-{fault.facade}"
        lasts = f" for {fault.lasts_s:.1f} s" if fault.lasts_s else ""
        told(f"{time.monotonic() - began:5.1f} s  {fault.kind} at {at}{lasts}")

    saboteur = Saboteur(system, tell)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(saboteur.run(schedule))
            group.create_task(workload.run(plan.seconds))
    finally:
        result.faults, result.commits_torn = saboteur.counts, saboteur.commits_torn
    told("healing")
    await system.heal()
    return saboteur.backup


async def _recover(system: System, result: Result) -> None:
    """Measure how soon after the healing all are in step, while people still send what failed."""
    async with aiohttp.ClientSession() as session:
        with contextlib.suppress(NotConvergedError):  # it is judged when nobody writes any more
            result.converged_s = round(await converge(session, system), 2)


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=limits.TORTURE_ANSWER_S))


async def _judge(system: System, history: History, result: Result) -> Evidence | None:
    async with _session() as session:
        try:
            await converge(session, system)
        except NotConvergedError as error:
            result.failures.append(f"not in step after {limits.TORTURE_CONVERGE_S} s: {error}")
        evidence = await _gathered(session, system, history, result)
    if evidence is not None:
        result.changes = len(evidence.server.messages)
        result.failures += await asyncio.to_thread(judge, history, evidence)
    return evidence


async def _put_back(
    system: System,
    history: History,
    judged: Evidence,
    backup: Backup,
    chance: random.Random,
    result: Result,
    told: Told,
) -> None:
    """Put the server back to the backup of the run, and judge what becomes of that."""
    async with _session() as session:
        epilogue = Epilogue(session, system, history, judged, backup, chance)
        result.restoration = epilogue.did
        try:
            result.failures += await epilogue.run(told)
        except (NotConvergedError, StartupError, aiohttp.ClientError, TimeoutError) as error:
            result.failures.append(f"after the restore: {error!r}")
        result.failures += history.oddities


async def _gathered(
    session: aiohttp.ClientSession, system: System, history: History, result: Result
) -> Evidence | None:
    try:
        return await gather(session, system, history)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        result.failures += [f"no evidence: {error!r}", *history.oddities]
        return None


def _count(system: System, history: History, result: Result) -> None:
    result.writes = len(history.writes)
    result.reads = len(history.reads)
    result.answers_lost = history.answers_lost
    result.tracebacks = sum(program.tracebacks() for program in system.programs)
    if result.tracebacks:
        result.failures.append(f"{result.tracebacks} tracebacks in the logs: nobody foresaw them")
    for asked in history.writes.values():
        if not asked.answers:
            result.unanswered += 1
        for verdict in {answer.verdict for answer in asked.answers}:
            result.answers[verdict] = result.answers.get(verdict, 0) + 1
