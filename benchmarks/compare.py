"""Clientela beside its peers: ``python benchmarks/compare.py [MEASUREMENT …] [--peer NAME …]``.

Runs ours and theirs in turns, each served by one core with the load on the other, with the same
clients; checks answers and rows while it measures. ``--save`` writes docs/benchmarks.json, the
plots and the section of docs/benchmarks.md; without it the section is printed. ``make bench``
installs the peers first; one that is not there is skipped and said to be.
"""

import argparse
import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from load import wrk
from measure import fan_out, growth, inserts, latency, limits, lists, log_switch, point_read
from measure.stage import FULL, QUICK, Stage, say
from peers.peer import LOAD_CORE
from peers.roster import PEERS
from report import plots, tables
from report.about import about, load_average
from report.results import Results

DOCS = Path(__file__).parents[1] / "docs"
RESULTS = DOCS / "benchmarks.json"

# In this order: what changes the clients comes after what reads them.
MEASUREMENTS: dict[str, Callable[[Stage], None]] = {
    "limits": limits.measure,
    "point_read": point_read.measure,
    "latency": latency.measure,
    "log_switch": log_switch.measure,
    "lists": lists.measure,
    "fan_out": fan_out.measure,
    "inserts": inserts.measure,
    "growth": growth.measure,
}


def run(options: argparse.Namespace) -> Results:
    """Measure what is chosen."""
    form = QUICK if options.quick else FULL
    form = replace(form, clients=options.clients or form.clients)
    results = Results(about=about())
    results.about |= {
        "form": "Short form" if options.quick else "Full form",
        "clients": form.clients,
        "rounds": form.rounds,
        "seconds": form.seconds,
    }
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(form, Path(folder), results, options.peer)
        try:
            for name in options.measurements or MEASUREMENTS:
                say(f"{name}, after {time.monotonic() - began:.0f} s")
                MEASUREMENTS[name](stage)
        finally:
            stage.close()
    results.about["load_after"] = load_average()
    say(f"done after {time.monotonic() - began:.0f} s")
    return results


def save(results: Results) -> None:
    """Write results, plots and section into the documents."""
    results.save(RESULTS)
    tables.write(results, plots.draw(results, DOCS / "images"), DOCS / "benchmarks.md")


def main() -> None:
    """Measure, or write the document again from the results that are there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measurements", nargs="*", choices=[[], *MEASUREMENTS], help="all without")
    parser.add_argument("--peer", action="append", choices=PEERS, default=[], help="repeatable")
    parser.add_argument("--quick", action="store_true", help="a second or two per measurement")
    parser.add_argument("--clients", type=int, help="how many every peer holds")
    parser.add_argument("--save", action="store_true", help="write the documents")
    parser.add_argument("--again", action="store_true", help="only write the documents again")
    options = parser.parse_args()
    if options.again:
        save(Results.load(RESULTS))
        return
    if wrk.missing() or (os.cpu_count() or 1) < 2:
        sys.exit("The comparison needs wrk and two cores: make bench installs what can be had.")
    os.sched_setaffinity(0, {LOAD_CORE})
    gc.disable()  # a collection in the generator would be told as a stall of the service
    results = run(options)
    if options.save:
        save(results)
    print(tables.section(results, []))
    if results.wrong:
        sys.exit("Some answers were wrong: see above.")


if __name__ == "__main__":
    main()
