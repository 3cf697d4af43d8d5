"""Figures for people: medians, spread, and ratios inside one run."""

import os
import platform
from dataclasses import dataclass, field
from statistics import median


def cores() -> list[int]:
    """Two processors to pin to: the thing under test on the first, everything else on the second."""
    allowed = sorted(os.sched_getaffinity(0))
    return [0, 1] if {0, 1} <= set(range(os.cpu_count() or 1)) else [allowed[0], allowed[-1]]


def machine() -> str:
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.platform()}"


@dataclass
class Table:
    title: str
    unit: str
    lines: list[str] = field(default_factory=list)
    _medians: dict[str, list[float]] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)

    def add(self, name: str, rates: list[float], p99_seconds: list[float] | None = None) -> None:
        self._medians[name] = rates
        middle = median(rates)
        spread = (max(rates) - min(rates)) / middle
        p99 = f"  p99 {median(p99_seconds) * 1000:6.1f} ms" if p99_seconds else ""
        self.lines.append(f"  {name:<28}{middle:>10,.0f} {self.unit}  spread {spread:4.0%}{p99}")

    def ratio(self, name: str, of: str, *, at_least: float) -> None:
        """The median of the rounds' own ratios: what disturbed one round disturbed both sides of it."""
        ratio = median(a / b for a, b in zip(self._medians[name], self._medians[of], strict=True))
        verdict = "" if ratio >= at_least else "  MISSED"
        self.lines.append(f"  {name} / {of} = {ratio:.2f} (goal ≥ {at_least}){verdict}")
        if verdict:
            self.missed.append(f"{self.title}: {name} / {of}")

    def __str__(self) -> str:
        return "\n".join([self.title, *self.lines])
