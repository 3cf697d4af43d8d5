"""``python -m bench [--rounds N] [webhook|dispatch …]``: measure on PostgreSQL (or SQLite), and say the figures."""

import argparse
import os
from collections.abc import Callable

from bench import announce, dispatch, footprint, latency, peers, report, webhook
from bench.double import platform
from bench.place import Place, cores, trusting_environment
from bench.report import Table

Bench = Callable[[argparse.Namespace], Table]


def _webhook(chosen: argparse.Namespace) -> Table:
    with Place(chosen.database) as place:
        return webhook.bench(place, chosen.rounds, chosen.seconds)


def _dispatch(chosen: argparse.Namespace) -> Table:
    with Place(chosen.database) as place:
        return dispatch.bench(place, chosen.rounds)


def _announce(chosen: argparse.Namespace) -> Table:
    with Place(chosen.database) as place:
        return announce.bench(place, chosen.rounds)


def _latency(chosen: argparse.Namespace) -> Table:
    with platform(core=None) as api, Place(chosen.database, api=api) as place:
        return latency.bench(place, api, chosen.rounds)


BENCHES: dict[str, Bench] = {
    "webhook": _webhook,
    "dispatch": _dispatch,
    "announce": _announce,
    "latency": _latency,
    "footprint": lambda chosen: footprint.bench(chosen.rounds),
}


def _parts(database: str) -> list[str]:
    return [report.postgres(), *peers.present()] if database == "postgresql" else ["SQLite; no peers"]


def main() -> None:
    arguments = argparse.ArgumentParser(prog="bench")
    arguments.add_argument("which", nargs="*", default=list(BENCHES), choices=[*BENCHES, []])
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=float, default=3)
    arguments.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    chosen = arguments.parse_args()

    os.environ |= trusting_environment()
    os.sched_setaffinity(0, {cores()[1]})
    print(report.machine(), *_parts(chosen.database), sep="\n")
    tables = []
    for name in chosen.which:
        tables.append(BENCHES[name](chosen))
        print(f"\n{tables[-1]}", flush=True)
    missed = [goal for table in tables for goal in table.missed]
    print("\nAll goals met." if not missed else "\nMissed: " + "; ".join(missed))


if __name__ == "__main__":
    main()
