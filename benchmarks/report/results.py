"""What was measured, in one JSON file from which the document and the plots are made."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from report.statistics import median


@dataclass
class Results:
    """Values by figure, peer and round; ``about`` tells where, when and how they were taken.

    ``checks`` count the answers that were judged, by figure and peer; ``titles`` and ``durability``
    are the peers' own words; ``skipped`` says why a peer is not in a figure.
    """

    about: dict[str, Any] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    durability: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    figures: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    checks: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)

    def add(self, figure: str, peer: str, value: float) -> None:
        """Add a round's value."""
        self.figures.setdefault(figure, {}).setdefault(peer, []).append(float(f"{value:.6g}"))

    def check(self, figure: str, peer: str, **counts: int) -> None:
        """Add up what was looked at and what was wrong."""
        held = self.checks.setdefault(figure, {}).setdefault(peer, {})
        for name, count in counts.items():
            held[name] = held.get(name, 0) + count

    def rounds(self, figure: str, peer: str) -> list[float]:
        """Give a figure's values; none when it was not measured."""
        return self.figures.get(figure, {}).get(peer, [])

    def median(self, figure: str, peer: str) -> float | None:
        """Give the median of a figure; None when it was not measured."""
        values = self.rounds(figure, peer)
        return median(values) if values else None

    def medians(self, figure: str) -> dict[str, float]:
        """Give the medians of all peers, the greatest first."""
        found = {peer: median(values) for peer, values in self.figures.get(figure, {}).items()}
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    @property
    def wrong(self) -> dict[str, Mapping[str, int]]:
        """Give the checks that found something wrong."""
        return {
            f"{figure}, {peer}": counts
            for figure, peers in self.checks.items()
            for peer, counts in peers.items()
            if any(count for name, count in counts.items() if name not in {"requests", "looked_at"})
        }

    def save(self, path: Path) -> None:
        """Write the file."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1)
        path.write_text(text + "\n")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the file; raises OSError or ValueError."""
        return cls(**json.loads(path.read_text()))
