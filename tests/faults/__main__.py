"""``python -m tests.faults --seed N --minutes M --database sqlite|postgresql``: a long run (``make soak``)."""

import argparse
import signal
import sys
from dataclasses import replace

from tests.faults.rig import Rig
from tests.faults.run import LONG, SHORT, run


def main() -> int:
    asked = _arguments()
    length = replace(SHORT if asked.short else LONG, seed=asked.seed, keep=asked.keep)
    if asked.minutes:
        length = replace(length, seconds=asked.minutes * 60)
    # Leave nothing running behind, whichever way we are asked to end.
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: sys.exit(1))
    with Rig(asked.database) as house:
        return 1 if run(house, length).problems else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, help="of an earlier run, to see it again")
    parser.add_argument("--minutes", type=float, help="of trouble; 10 by default")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="postgresql")
    parser.add_argument("--short", action="store_true", help="the run of make test")
    parser.add_argument("--keep", action="store_true", help="the evidence, even when nothing is wrong")
    return parser.parse_args()


sys.exit(main())
