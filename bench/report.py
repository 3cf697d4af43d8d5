"""Figures for people: medians, spread, ratios inside one run, and whether the goals are met. Printed as Markdown."""

import os
import platform
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import psycopg

from tests.database import postgres_server


def machine() -> str:
    """Whatever a reader needs to judge the figures."""
    described = Path("/proc/cpuinfo").read_text().splitlines()
    model = next(
        (line.split(":")[1].strip() for line in described if line.startswith("model name")), "unknown"
    )
    load = os.getloadavg()[0]
    return f"{model}, {os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}; load at start {load:.1f}"


def postgres() -> str:
    """The server's version, and the settings that decide how fast it may be."""
    names = ("synchronous_commit", "fsync", "shared_buffers", "max_wal_size", "autovacuum")
    with psycopg.connect(postgres_server()) as server:
        settings = [f"{name}={server.execute(f'SHOW {name}').fetchone()[0]}" for name in names]  # type: ignore[index]
        version = server.info.parameter_status("server_version")
    return f"PostgreSQL {version}: {', '.join(settings)}"


@dataclass
class Table:
    """One benchmark's figures. A figure is a value a round; rounds of all rows belong together, first with first."""

    title: str
    unit: str
    missed: list[str] = field(default_factory=list)
    _figures: dict[str, list[float]] = field(default_factory=dict)
    _rows: list[str] = field(default_factory=list)
    _verdicts: list[str] = field(default_factory=list)

    def add(self, name: str, values: list[float], remark: str = "") -> None:
        self._figures[name] = values
        self._rows.append(f"| {name} | {_say(values)} | {_spread(values)} | {remark} |")

    def ratio(self, name: str, of: str, *, at_least: float = 0) -> None:
        """The median of the rounds' own ratios: what disturbed one round disturbed both sides of it. No goal: only told."""
        ratios = [a / b for a, b in zip(self._figures[name], self._figures[of], strict=True)]
        self.goal(f"{name} / {of}", ratios, at_least=at_least)

    def goal(self, name: str, values: list[float], *, at_least: float = 0, below: float = 0) -> None:
        """Is the median where it should be?"""
        met = median(values) < below if below else median(values) >= at_least
        wanted = f"< {below:g}" if below else f"≥ {at_least:g}" if at_least else "–"
        verdict = ("met" if met else "**MISSED**") if below or at_least else "–"
        self._verdicts.append(f"| {name} | {wanted} | {_say(values)} | {_spread(values)} | {verdict} |")
        if not met:
            self.missed.append(f"{self.title.partition(':')[0]}: {name}")

    def __str__(self) -> str:
        lines = [
            f"### {self.title}",
            "",
            f"| | median, {self.unit} | min – max | |",
            "|---|---:|---:|---|",
            *self._rows,
        ]
        if self._verdicts:
            lines += [
                "",
                "| goal | wanted | measured | min – max | |",
                "|---|---:|---:|---:|---|",
                *self._verdicts,
            ]
        return "\n".join(lines)


def _say(values: list[float]) -> str:
    return _figure(median(values))


def _spread(values: list[float]) -> str:
    return f"{_figure(min(values))} – {_figure(max(values))}"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
