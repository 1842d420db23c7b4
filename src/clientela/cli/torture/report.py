"""Telling how runs go and went: progress, a table, and a line of JSON for each run."""

import json
import shlex
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from clientela import __version__
from clientela.cli.torture.run import Plan, Result
from clientela.cli.torture.schedule import BY_NAME, KINDS

_FILE = "runs.jsonl"
_FAILURES_TOLD = 12
_FAILURE_CHARACTERS = 900
_WHY_SKIPPED = {"-disk": "no mounts allowed", "-clock": "no libfaketime"}


def commit() -> str:
    """Name the code under test: its commit, with a plus when files were changed since."""
    here = Path(__file__).parents[2]
    try:
        name = _git(here, "rev-parse", "--short", "HEAD")
        changed = _git(here, "status", "--porcelain", "--untracked-files=no", "--", "*.py")
    except (OSError, subprocess.CalledProcessError):
        return __version__
    return name + ("+" if changed else "")


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return done.stdout.strip()


class Results:
    """Results of earlier runs, one JSON object in a line each; None keeps nothing."""

    def __init__(self, folder: Path | None, version: str) -> None:
        self._file = folder / _FILE if folder else None
        self._version = version

    def known(self, plan: Plan) -> dict[str, Any] | None:
        """Give the result of the same plan with the same code."""
        wanted = _key(self._version, _plain(plan))
        found = (told for told in self._lines() if _key(told["commit"], told["plan"]) == wanted)
        return next(found, None)

    def _lines(self) -> Iterable[dict[str, Any]]:
        if self._file is None or not self._file.exists():
            return []
        lines = self._file.read_text().splitlines()
        return [json.loads(line) for line in lines if line.endswith("}")]

    def keep(self, result: Result) -> None:
        """Add a result."""
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        told = {"commit": self._version, "at": at, **result.to_json()}
        told["plan"] = _plain(result.plan)
        with self._file.open("a") as file:
            file.write(json.dumps(told) + "\n")


def _plain(plan: Plan) -> dict[str, Any]:
    kinds = "all" if set(plan.faults) == {k.name for k in KINDS} else ",".join(plan.faults)
    return {
        "seed": plan.seed,
        "seconds": plan.seconds,
        "facades": plan.facades,
        "rate": plan.rate,
        "faults": kinds,
    }


def _key(version: str, plan: dict[str, Any]) -> str:
    return json.dumps([version, plan], sort_keys=True)


def replay_command(plan: Plan) -> str:
    """Give the command that makes the same run again."""
    plain = _plain(plan)
    words = ["clientela", "torture", "--runs", "1", "--keep"]
    for name, value in plain.items():
        words += [f"--{name}", f"{value:g}" if isinstance(value, float) else str(value)]
    return shlex.join(words)


def kinds_table() -> Table:
    """Give every fault."""
    table = Table("fault", "what it is", box=None, pad_edge=False)
    for kind in KINDS:
        table.add_row(kind.name, kind.about)
    return table


class Report:
    """Writes to the terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._table = Table(
            "seed", "outcome", "faults", "writes", "accepted", "refused", "offline", "lost",
            "reads", "in step", box=None, pad_edge=False,
        )  # fmt: skip

    def ran(self, result: Result) -> None:
        """Tell how a run went."""
        plan, answers = result.plan, result.answers
        colour, outcome = ("red", "FAILED") if result.failures else ("green", "passed")
        converged = "never" if result.converged_s is None else f"{result.converged_s:.1f} s"
        self._table.add_row(
            str(plan.seed),
            f"[{colour}]{outcome}[/]",
            str(sum(result.faults.values())),
            str(result.writes),
            *(str(answers.get(verdict, 0)) for verdict in ("accepted", "refused", "pending")),
            str(result.answers_lost),
            str(result.reads),
            converged,
        )
        self._console.print(
            f"seed {plan.seed}: [{colour}]{outcome}[/], {result.writes} writes under "
            f"{sum(result.faults.values())} faults, {result.changes} changes, "
            f"in step after {converged}"
        )
        if result.restoration is not None:
            did = result.restoration
            self._console.print(
                f"  put back from change {did.tail_version} to {did.backup_version}: {did.lost} "
                f"lost, {did.listed} listed, {did.offered} offered again"
            )
        if result.failures:
            self._failed(result)

    def _failed(self, result: Result) -> None:
        for failure in result.failures[:_FAILURES_TOLD]:
            text = failure[:_FAILURE_CHARACTERS]
            self._console.print(f"  [red]-[/] {text}", markup=True, soft_wrap=True)
        rest = len(result.failures) - _FAILURES_TOLD
        if rest > 0:
            self._console.print(f"  and {rest} more")
        self._console.print(f"  replay: {replay_command(result.plan)}", soft_wrap=True)
        if result.kept:
            self._console.print(f"  data and logs: {result.kept}", soft_wrap=True)

    def summary(self, results: list[Result], passed_before: int) -> None:
        """Tell of all runs, and of what could not be tried."""
        if results:
            self._console.print(self._table)
        failed = [result.plan.seed for result in results if result.failures]
        passed = len(results) - len(failed)
        self._console.print(
            f"\n{passed} of {len(results)} runs passed"
            + (f", {passed_before} were passed before" if passed_before else "")
            + (f"; failed seeds: {', '.join(map(str, failed))}" if failed else "")
        )
        skipped = sorted({name for result in results for name in result.skipped})
        for part, why in _WHY_SKIPPED.items():
            names = [name for name in skipped if BY_NAME[name].part.endswith(part)]
            if names:
                self._console.print(f"[yellow]Skipped here[/] ({why}): {', '.join(names)}")
