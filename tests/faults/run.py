"""One run: a seed, a house, a length; and what came of it."""

import asyncio
import json
import random
import secrets
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from tests.faults import injectors, plan
from tests.faults.checker import Verdict, check
from tests.faults.drive import Drive
from tests.house import House


@dataclass(frozen=True, slots=True)
class Length:
    """``seconds`` of trouble for so many ``families``, each pausing ``pace`` seconds; a trouble ``every`` so many."""

    seconds: float
    families: int
    pace: float
    every: float
    weather: float
    long: bool = False
    seed: int | None = None
    keep: bool = False


SHORT = Length(seconds=5, families=12, pace=0.07, every=0.35, weather=0.5)
LONG = Length(seconds=600, families=72, pace=5.0, every=6.0, weather=1.0, long=True)


def run(house: House, length: Length) -> Verdict:
    """Drive it and check it. Prints the seed first; all the evidence is kept in a folder, if anything is wrong or ``keep``."""
    seed = secrets.randbelow(1_000_000) if length.seed is None else length.seed
    print(
        f"Seed {seed}. To see it again: python -m tests.faults --seed {seed} --database {house.database}",
        flush=True,
    )
    answers = list(injectors.deal(random.Random(f"{seed} answers"), stops=length.long))
    drive = Drive(
        house,
        plan.make(seed, length.families, length.pace),
        weather=injectors.weather(length.weather),
        troubles=injectors.troubles(house, long=length.long),
        every=length.every,
        answers=answers,
    )
    began = time.monotonic()
    asyncio.run(drive.run(length.seconds))
    print(f"{time.monotonic() - began:.0f} s, of these {length.seconds:.0f} s of trouble")
    verdict = check(drive.notes, drive.log)
    print(verdict.report(), flush=True)
    print(_answers_that_came(answers, drive.log), flush=True)
    if verdict.problems or length.keep:
        folder = Path(mkdtemp(prefix=f"telal-faults-{house.database}-{seed}-"))
        # What Telal itself says proves nothing, but helps to find out why.
        telal = {
            case.ref: house.api("GET", f"/cases/{case.ref}").body
            for family in drive.plan.families
            for case in family.cases
        }
        (folder / "evidence.json").write_text(
            json.dumps({"notes": drive.notes, "log": drive.log, "telal": telal})
        )
        for kept in (*house.home.glob("*.log"), *house.home.glob("telal.sqlite3*")):
            shutil.copy(kept, folder)
        print(f"All the evidence: {folder}")
    return verdict


def _answers_that_came(answers: list[list[dict[str, Any]]], log: list[dict[str, Any]]) -> str:
    asked = {injectors.code(fault) for hand in answers for fault in hand}
    sends = [line for line in log if line.get("method") == "send_message"]
    came = {line[kind] for line in sends for kind in ("status", "http")}
    missed = (
        f"; not {', '.join(map(str, sorted(asked - came)))}: the run was too short" if asked - came else ""
    )
    return f"{len(asked & came)} of Viber's {len(asked)} codes came{missed}"
