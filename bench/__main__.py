"""``python -m bench [--rounds N] [webhook|dispatch …]``: measure on PostgreSQL (or SQLite), and say the figures."""

import argparse
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from bench import (
    announce,
    conversation,
    dispatch,
    footprint,
    history,
    latency,
    lists,
    peers,
    report,
    understanding,
    webhook,
)
from bench.double import platform
from bench.place import Place, cores, trusting_environment
from bench.report import Table

Bench = Callable[[argparse.Namespace], Iterable[Table]]


def _webhook(chosen: argparse.Namespace) -> list[Table]:
    with Place(chosen.database) as place:
        return [webhook.bench(place, chosen.rounds, chosen.seconds)]


def _dispatch(chosen: argparse.Namespace) -> list[Table]:
    with Place(chosen.database) as place:
        return [dispatch.bench(place, chosen.rounds)]


def _announce(chosen: argparse.Namespace) -> list[Table]:
    with Place(chosen.database) as place:
        return [announce.bench(place, chosen.rounds)]


def _latency(chosen: argparse.Namespace) -> list[Table]:
    with platform(core=None) as api, Place(chosen.database, api=api) as place:
        return [latency.bench(place, api, chosen.rounds)]


def _conversation(chosen: argparse.Namespace) -> list[Table]:
    with platform(core=None) as api, Place(chosen.database, api=api) as place:
        return [conversation.bench(place, api, chosen.rounds)]


BENCHES: dict[str, Bench] = {
    "webhook": _webhook,
    "dispatch": _dispatch,
    "announce": _announce,
    "latency": _latency,
    "conversation": _conversation,
    "understand": lambda chosen: [understanding.bench(chosen.rounds)],
    "footprint": lambda chosen: [footprint.bench(chosen.rounds)],
}
LONG_BENCHES: dict[str, Bench] = {
    "lists": lambda chosen: lists.bench(chosen.cases, chosen.rounds, chosen.plans),
    "history": lambda chosen: history.bench(chosen.old_messages, chosen.rounds, chosen.seconds),
}


# SQLite is for one process.
_USUAL = {"postgresql": [*BENCHES], "sqlite": ["webhook", "dispatch", "announce"]}


def _parts(database: str) -> list[str]:
    return [report.postgres(), *peers.present()] if database == "postgresql" else ["SQLite; no peers"]


def main() -> None:
    everything = BENCHES | LONG_BENCHES
    arguments = argparse.ArgumentParser(prog="bench")
    arguments.add_argument("which", nargs="*", metavar="BENCH", help=f"{', '.join(everything)}, or all")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--old-messages", type=int, default=5_000_000, help="for history")
    arguments.add_argument("--cases", type=int, default=1_000_000, help="for lists")
    arguments.add_argument("--plans", type=Path, help="for lists: the file to write the plans to")
    arguments.add_argument("--seconds", type=float, default=3)
    arguments.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    chosen = arguments.parse_args()

    os.environ |= trusting_environment()
    os.sched_setaffinity(0, {cores()[1]})
    print(report.machine(), *_parts(chosen.database), sep="\n")
    tables = []
    for name in everything if chosen.which == ["all"] else chosen.which or _USUAL[chosen.database]:
        for table in everything[name](chosen):
            tables.append(table)
            print(f"\n{table}", flush=True)
    missed = [goal for table in tables for goal in table.missed]
    print("\nAll goals met." if not missed else "\nMissed: " + "; ".join(missed))


if __name__ == "__main__":
    main()
