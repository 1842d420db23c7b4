"""The generated section of docs/benchmarks.md."""

from collections.abc import Sequence
from pathlib import Path

from report.results import Results
from report.targets import TARGETS

BEGIN = "<!-- What follows is written by `benchmarks/compare.py` from benchmarks.json. -->"
END = "<!-- Here it ends. -->"
FAN_OUT = ("p50", "p99", "each_p99", "memory")


def section(results: Results, plots: Sequence[str]) -> str:
    """Write all of it."""
    parts = [
        _head(results),
        _targets(results),
        *(f"![{_alt(plot)}](images/{plot})" for plot in plots),
        _throughput(results, "Reads, a second", ("point_read_hot", "point_read_random",
                    "point_read_hot_cpu", "list_unchanged", "list_changed"),
                    ("one, hot", "one, random", "CPU of one, µs", "list", "list after a change")),
        _throughput(results, "Rows inserted a second", ("insert_one", "insert_hundred"),
                    ("one a request", "100 a request"), durability=True),
        _latency(results),
        *(_fan_out(results, count) for count in (1_000, 5_000)),
        _throughput(results, "The limits, a second", ("limits",), ("measured",)),
        _throughput(results, "The latency log, on and off", ("log_switch", "log_switch_cpu"),
                    ("point reads a second", "CPU of one, µs")),
        _throughput(results, "What grows", ("growth_read", "growth_insert"),
                    ("point reads a second", "inserts a second")),
        _checks(results),
    ]  # fmt: skip
    return "\n\n".join(part for part in parts if part)


def write(results: Results, plots: Sequence[str], document: Path) -> None:
    """Put the section between its marks; the rest of the document stays."""
    before, _, rest = document.read_text().partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"{document} lacks the marks of the generated section")
    document.write_text(f"{before}{BEGIN}\n\n{section(results, plots)}\n\n{END}{after}")


def _head(results: Results) -> str:
    about = results.about
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    load = f"load average {about['load_before']} before, {about['load_after']} after"
    return (
        f"Measured on {about['date']} at commit `{about['commit']}`: {about['machine']}, "
        f"{about['cores']} cores, {about['memory_gb']} GB, Linux {about['kernel']}; {load}. "
        f"{about['form']}: {about['clients']:,} clients, {about['rounds']} rounds of "
        f"{about['seconds']} s. {versions}."
    )


def _targets(results: Results) -> str:
    rows = []
    for target in TARGETS:
        value = target.reached(results)
        told = "not measured" if value is None else target.told(value)
        met = "" if value is None else "yes" if target.is_met(value) else "**no**"
        rows.append((target.figure, target.wanted, told, met))
    return _table(("figure", "target", "measured", "met"), rows)


def _throughput(
    results: Results,
    title: str,
    figures: Sequence[str],
    columns: Sequence[str],
    *,
    durability: bool = False,
) -> str:
    """Write medians of figures, one row a peer, the greatest of the first figure on top."""
    medians = [results.medians(figure) for figure in figures]
    names = list(dict.fromkeys(name for found in medians for name in found))
    if not names:
        return ""
    rows = [
        (
            results.titles.get(name, name),
            *(_number(found.get(name)) for found in medians),
            *([results.durability.get(name, "")] if durability else []),
        )
        for name in names
    ]
    last = ["when it is answered, on the disk"] if durability else []
    return f"### {title}\n\n" + _table(("", *columns, *last), rows, numbers=len(columns))


def _latency(results: Results) -> str:
    rates = results.medians("latency_rate")
    if not rates:
        return ""
    figures = ("latency_p50", "latency_p99", "latency_p999")
    rows = [
        (
            results.titles.get(name, name),
            _number(rate),
            *(_number(results.median(figure, name)) for figure in figures),
        )
        for name, rate in rates.items()
    ]
    columns = ("", "arrivals a second", "p50, ms", "p99, ms", "p99.9, ms")
    return "### Latency at a fixed rate\n\n" + _table(columns, rows, numbers=4)


def _fan_out(results: Results, count: int) -> str:
    figures = [f"fan_out_{count}_{name}" for name in FAN_OUT]
    names = results.medians(figures[1])
    rows = []
    for name in reversed(names):
        medians = (results.median(figure, name) for figure in figures)
        rows.append((results.titles.get(name, name), *map(_number, medians)))
    columns = ("", "all have it, p50, ms", "p99, ms", "each, p99, ms", "kB per follower")
    return f"### {count:,} followers\n\n" + _table(columns, rows, numbers=4) if rows else ""


def _checks(results: Results) -> str:
    totals: dict[str, int] = {}
    for peers in results.checks.values():
        for counts in peers.values():
            for name, count in counts.items():
                totals[name] = totals.get(name, 0) + count
    requests, looked_at = totals.get("requests", 0), totals.get("looked_at", 0)
    faults = ", ".join(
        f"{totals.get(name, 0):,} {name}" for name in ("wrong", "missing", "doubled")
    )
    asked = f"{requests:,} requests, {totals.get('failed', 0):,} failed."
    told = [f"{asked} {looked_at:,} answers and rows were compared with the truth: {faults}."]
    told += [f"- {where}: {_counts(counts)}" for where, counts in results.wrong.items()]
    told += [f"- skipped: {name}: {why}" for name, why in results.skipped.items()]
    return "### Whether it was right\n\n" + "\n".join(told)


def _counts(counts: object) -> str:
    assert isinstance(counts, dict)  # noqa: S101 - as results count
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: int = 0) -> str:
    """Write a table; the columns after the first are numbers, that many."""
    lines = ["---", *(["---:"] * numbers), *(["---"] * (len(columns) - 1 - numbers))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (columns, lines, *rows))


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.{0 if value >= 100 else 1 if value >= 10 else 2}f}"


def _alt(plot: str) -> str:
    return plot.removesuffix(".svg").replace("-", " ") + ": the medians of the table below"
