"""The plots: light, readable, the same file from the same results."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator

from report.results import Results

OURS, OTHERS, LIMIT = "#0f766e", "#64748b", "#d97706"
INK, QUIET, AXIS, GRID = "#1e293b", "#64748b", "#cbd5e1", "#eef2f6"
LIMITS = {"nginx-return", "nginx-files", "bare", "redis", "nats"}
STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "clientela",
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": AXIS,
    "axes.labelcolor": QUIET,
    "xtick.color": QUIET,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "ytick.left": False,
}
WIDTH_IN = 7.2
SOME_DECADES = 50  # up to here the axis has room for more numbers than powers of ten


def draw(results: Results, folder: Path) -> list[str]:
    """Write the plots whose figures were measured; gives the names of the files."""
    plots = {
        "benchmark-reads.svg": (
            ("point_read_hot", "one client of a hot set, answers/s"),
            ("list_unchanged", "a list while nothing changes, answers/s"),
            ("list_changed", "a list after a change, answers/s"),
        ),
        "benchmark-inserts.svg": (
            ("insert_one", "inserts, one a request, rows/s"),
            ("insert_hundred", "inserts, 100 a request, rows/s"),
        ),
        "benchmark-latency.svg": (
            ("latency_p50", "half of all answers within, ms"),
            ("latency_p99", "99 % within, ms"),
        ),
        "benchmark-followers.svg": (
            ("fan_out_1000_p99", "all of 1,000 followers have an insert, p99, ms"),
            ("fan_out_5000_p99", "all of 5,000 followers have an insert, p99, ms"),
        ),
    }
    written = []
    with mpl.rc_context(STYLE):
        for name, wanted in plots.items():
            panels = [(figure, title) for figure, title in wanted if results.figures.get(figure)]
            if panels:
                _draw(results, panels, folder / name)
                written.append(name)
    return written


def _draw(results: Results, panels: Sequence[tuple[str, str]], path: Path) -> None:
    heights = [len(results.figures[figure]) for figure, _ in panels]
    size = (WIDTH_IN, 0.24 * sum(heights) + 0.72 * len(panels))
    picture, axes = plt.subplots(
        len(panels), 1, figsize=size, height_ratios=heights, squeeze=False, layout="constrained"
    )
    for axis, (figure, title) in zip(axes[:, 0], panels, strict=True):
        _dots(axis, results, figure, title)
    picture.savefig(path, metadata={"Date": None})
    plt.close(picture)
    # matplotlib ends lines with blanks.
    path.write_text("\n".join(line.rstrip() for line in path.read_text().splitlines()) + "\n")


def _dots(axis: Axes, results: Results, figure: str, title: str) -> None:
    """Draw medians as dots on a logarithmic axis, the best on top; a line spans the rounds.

    No bars: on such an axis their length would say nothing.
    """
    less_is_better = title.endswith(" ms")
    best_last = sorted(results.medians(figure).items(), key=lambda item: item[1])
    if less_is_better:
        best_last.reverse()
    measured = [value for name, _ in best_last for value in results.rounds(figure, name)]
    lowest, highest = min(measured), max(measured)
    axis.set_xscale("log")
    axis.set_xlim(lowest / 1.5, highest * 2.5)
    for place, (name, value) in enumerate(best_last):
        rounds, color = results.rounds(figure, name), _color(name)
        axis.axhline(place, color=GRID, linewidth=0.8, zorder=0)
        axis.plot([min(rounds), max(rounds)], [place, place], color=color, linewidth=2, alpha=0.5)
        axis.plot([value], [place], "o", color=color, markersize=6)
        number = f"{value:,.{_digits(value)}f}"
        axis.annotate(number, (max(rounds), place), xytext=(6, 0), textcoords="offset points",
                      va="center", fontsize=8)  # fmt: skip
    axis.set_yticks(range(len(best_last)), [results.titles.get(n, n) for n, _ in best_last])
    axis.set_ylim(-0.6, len(best_last) - 0.4)
    steps = (1, 2, 5) if highest / lowest < SOME_DECADES else (1,)
    axis.xaxis.set_major_locator(LogLocator(subs=steps))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.10g}"))
    axis.minorticks_off()
    better = "less" if less_is_better else "more"
    axis.set_title(f"{title} ({better} is better)", loc="left", fontsize=9.5, fontweight="bold")


def _color(name: str) -> str:
    if name.startswith("clientela"):
        return OURS
    return LIMIT if name in LIMITS else OTHERS


def _digits(value: float) -> int:
    return 0 if value >= 100 else 1 if value >= 10 else 2
