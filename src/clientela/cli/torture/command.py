"""The command ``clientela torture``: runs of seeds, resumable, with an exit code."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from clientela.cli.clear_errors import clear_errors
from clientela.cli.torture.report import Report, Results, commit, kinds_table
from clientela.cli.torture.run import Plan, Result, run
from clientela.cli.torture.schedule import BY_NAME
from clientela.errors import StartupError

_INTERRUPTED = 130


def torture(
    seed: Annotated[int, typer.Option(min=0, help="The first seed; each run takes the next.")] = 1,
    runs: Annotated[int, typer.Option(min=1, help="How many seeds.")] = 1,
    seconds: Annotated[
        float, typer.Option(min=5, help="How long each run is under faults, before it is healed.")
    ] = 60,
    facades: Annotated[int, typer.Option(min=1, max=50, help="How many branches.")] = 5,
    rate: Annotated[
        float,
        typer.Option(
            min=0.1,
            max=500,
            help="Things that people begin per second, in all branches: most write.",
        ),
    ] = 20,
    faults: Annotated[
        str, typer.Option(help="'all', kinds separated by commas, or 'list' to be told them.")
    ] = "all",
    results: Annotated[
        Path | None,
        typer.Option(help="Folder where results are kept: seeds passed there are not run again."),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep data and logs of a run that fails.")
    ] = False,
) -> None:
    """Prove the guarantees under faults: real processes, cut lines, kills, full disks, bad clocks.

    Branches write, read and lose their lines while faults drawn from the seed strike. Then all is
    healed, and an oracle of its own compares every answer, receipt, row and digest. Everything is
    on 127.0.0.1, in a temporary folder. Full disks need the right to mount (root), clocks that jump
    need libfaketime; without these they are skipped, and said to be.
    """
    console = Console(highlight=False)
    if faults == "list":
        console.print(kinds_table())
        return
    with clear_errors():
        kinds = _kinds(faults)
        plans = [Plan(seed + n, seconds, facades, rate, kinds) for n in range(runs)]
        try:
            failed = _Session(console, Results(results, commit()), keep=keep).run(plans)
        except KeyboardInterrupt:
            console.print("Stopped; every process that was started has ended.")
            raise typer.Exit(_INTERRUPTED) from None
    if failed:
        raise typer.Exit(1)


def _kinds(faults: str) -> tuple[str, ...]:
    if faults == "all":
        return tuple(BY_NAME)
    names = tuple(name.strip() for name in faults.split(","))
    unknown = [name for name in names if name not in BY_NAME]
    if unknown:
        raise StartupError(f"No such fault: {', '.join(unknown)}. See --faults list.")
    return names


class _Session:
    """Runs plans one after the other."""

    def __init__(self, console: Console, results: Results, *, keep: bool) -> None:
        self._console = console
        self._results = results
        self._keep = keep
        self._report = Report(console)

    def run(self, plans: list[Plan]) -> bool:
        """Give whether any run failed; raises KeyboardInterrupt, and StartupError."""
        made: list[Result] = []
        before = 0
        try:
            for plan in plans:
                known = self._results.known(plan)
                if known is not None and known["outcome"] == "passed":
                    before += 1
                    continue
                result = self._one(plan)
                self._results.keep(result)
                self._report.ran(result)
                made.append(result)
        finally:
            self._report.summary(made, before)
        return any(result.failures for result in made)

    def _one(self, plan: Plan) -> Result:
        columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
        with Progress(*columns, console=self._console, transient=True) as progress:
            task = progress.add_task(f"seed {plan.seed}", total=None)

            def told(text: str) -> None:
                progress.update(task, description=f"seed {plan.seed}: {text}")

            return asyncio.run(_interruptible(plan, told, keep=self._keep))


async def _interruptible(plan: Plan, told: Callable[[str], None], *, keep: bool) -> Result:
    """Make a run; SIGTERM ends it as Ctrl-C does."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True
        if task is not None:
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        return await run(plan, keep=keep, told=told)
    except asyncio.CancelledError:
        if stopped:
            raise KeyboardInterrupt from None
        raise
