"""The plots: light, readable, the same file from the same results."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from report.results import Results

OURS, OTHERS, SECOND, LIMIT = "#0f766e", "#94a3b8", "#cbd5e1", "#e7b008"
INK, QUIET = "#1e293b", "#64748b"
LIMITS = {"nginx-return", "nginx-files", "bare", "redis", "nats"}
STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "clientela",
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": SECOND,
    "axes.labelcolor": QUIET,
    "xtick.color": QUIET,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "ytick.left": False,
}
WIDTH_IN = 7.2


def draw(results: Results, folder: Path) -> list[str]:
    """Write the plots whose figures were measured; gives the names of the files."""
    plots = {
        "benchmark-reads.svg": (("point_read_hot", "point reads of a hot set, requests/s"),
                                ("list_unchanged", "lists while nothing changes, requests/s")),
        "benchmark-inserts.svg": (("insert_one", "inserts, one a request, rows/s"),
                                  ("insert_hundred", "inserts, 100 a request, rows/s")),
        "benchmark-latency.svg": (("latency_p99", "p99 at half of the most, ms"),
                                  ("latency_p999", "p99.9, ms")),
        "benchmark-followers.svg": (("fan_out_1000_p99", "all of 1,000 followers have it, p99, ms"),
                                    ("fan_out_5000_p99", "all of 5,000, p99, ms")),
    }  # fmt: skip
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
    size = (WIDTH_IN, 0.27 * sum(heights) + 0.75 * len(panels))
    picture, axes = plt.subplots(
        len(panels), 1, figsize=size, height_ratios=heights, squeeze=False, layout="constrained"
    )
    for axis, (figure, title) in zip(axes[:, 0], panels, strict=True):
        _bars(axis, results, figure, title)
    picture.savefig(path, metadata={"Date": None})
    plt.close(picture)
    # matplotlib ends lines with blanks.
    path.write_text("\n".join(line.rstrip() for line in path.read_text().splitlines()) + "\n")


def _bars(axis: Axes, results: Results, figure: str, title: str) -> None:
    """Draw medians as bars on a logarithmic axis, the lowest and the highest round as a line."""
    medians = results.medians(figure)
    names, values = list(medians)[::-1], list(medians.values())[::-1]
    places = range(len(names))
    axis.barh(places, values, color=[_color(name) for name in names], height=0.62)
    for place, name in zip(places, names, strict=True):
        rounds = results.rounds(figure, name)
        axis.plot([min(rounds), max(rounds)], [place, place], color=INK, linewidth=0.8)
        number = f"{medians[name]:,.{_digits(medians[name])}f}"
        axis.annotate(number, (max(rounds), place), xytext=(4, 0), textcoords="offset points",
                      va="center", fontsize=8)  # fmt: skip
    axis.set_yticks(places, [results.titles.get(name, name) for name in names])
    axis.set_xscale("log")
    axis.set_xlim(min(values) / 3, max(values) * 3)
    axis.set_title(title, loc="left", fontsize=9.5, fontweight="bold")
    axis.minorticks_off()


def _color(name: str) -> str:
    if name.startswith("clientela"):
        return OURS
    return LIMIT if name in LIMITS else OTHERS


def _digits(value: float) -> int:
    return 0 if value >= 100 else 1 if value >= 10 else 2
