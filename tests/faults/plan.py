"""From a seed to a plan, the same every time: who lives with which cases, what they do, and what goes wrong meanwhile.

A *family* is people and cases that have to do with each other. Its steps are taken one after another, so the order of its changes
is known; families live side by side. Steps and troubles have no end: whoever drives them stops when the time is over.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# A citizen who has heard so much without a word of their own asks: people do, and Viber counts what is unanswered.
MOST_UNANSWERED = 40


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of family. ``midway`` is what happens to it once, some way into its life."""

    cases: int = 1
    people: int = 1
    consent: bool = True
    connected: bool = True
    sensitive: bool = False
    midway: tuple[str, ...] = ()


SHAPES: dict[str, Shape] = {
    "one case": Shape(),
    "three cases": Shape(cases=3),
    "two people on a case": Shape(people=2),
    "a sensitive case": Shape(sensitive=True),
    "says STOP": Shape(midway=("stop",)),
    "leaves and returns": Shape(cases=2, midway=("leave", "change", "return")),
    "withdraws at the counter": Shape(midway=("withdraw",)),
    "turns the phone off": Shape(midway=("offline", "change", "online")),
    "connects late": Shape(connected=False, midway=("bind",)),
    "never connects": Shape(connected=False),
    "no consent": Shape(consent=False, connected=False),
    "a stranger": Shape(cases=0, connected=False),
}


@dataclass(frozen=True, slots=True)
class Case:
    ref: str
    number: str
    consent: bool
    sensitive: bool


@dataclass(frozen=True, slots=True)
class Step:
    """``what`` the family does. ``who`` and ``case`` are places among its people and cases; ``count`` is how many changes."""

    what: str
    who: int = 0
    case: int = 0
    count: int = 0


@dataclass(frozen=True, slots=True)
class Family:
    no: int
    shape: Shape
    cases: tuple[Case, ...]
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """``pace`` is the mean pause of a family between two steps, in seconds."""

    seed: int
    families: tuple[Family, ...]
    pace: float

    def beginning(self, family: Family) -> Iterator[Step]:
        """How its people connect to its cases, before any trouble begins."""
        if family.shape.connected:
            people, cases = range(family.shape.people), range(family.shape.cases)
            yield from (Step("bind", who, case) for who in people for case in cases)

    def steps(self, family: Family) -> Iterator[tuple[float, Step]]:
        """What it does then, each with the pause before it."""
        dice = random.Random(f"{self.seed} family {family.no}")
        for step in _life(family, dice):
            yield dice.expovariate(1 / self.pace), step

    def troubles(self, names: Sequence[str], every: float) -> Iterator[tuple[float, str, random.Random]]:
        """Which trouble comes after which pause, with dice of its own; each once before any comes again."""
        dice = random.Random(f"{self.seed} troubles")
        while True:
            for name in dice.sample(names, len(names)):
                yield every * dice.uniform(0.5, 1.5), name, random.Random(dice.random())


def make(seed: int, families: int, pace: float) -> Plan:
    shapes = list(SHAPES.values())
    return Plan(seed, tuple(_family(seed, no, shapes[no % len(shapes)]) for no in range(families)), pace)


def institution(family: Family, n: int) -> str:
    """Each change names a body of its own, so that each is news and can be told from all others."""
    return f"Institucija {family.no:03}-{n:06}"


def _family(seed: int, no: int, shape: Shape) -> Family:
    cases = tuple(
        Case(f"f{seed}-{no}-{n}", f"09-41-{no * 10 + n + 1}/26", shape.consent, shape.sensitive)
        for n in range(shape.cases)
    )
    return Family(no, shape, cases, tuple(f"Stranka {no}-{n}" for n in range(shape.people)))


def _life(family: Family, dice: random.Random) -> Iterator[Step]:
    shape = family.shape
    unanswered, midway_at = 0, dice.randint(3, 8)
    for round_ in range(1_000_000_000):
        who, case = dice.randrange(shape.people), dice.randrange(max(shape.cases, 1))
        if round_ == midway_at:
            yield from (Step(what, 0, case, 3) for what in shape.midway)
        count = dice.choice((1, 1, 2, 3, 8)) if shape.cases else 0
        if unanswered + count > MOST_UNANSWERED or not shape.cases or dice.random() < 0.3:
            everybody = range(shape.people)
            yield from (Step("ask", who, case) for who in everybody)
            unanswered = 0
        elif dice.random() < 0.1:
            yield Step("repeat")
        else:
            yield Step("change", who, case, count)
            unanswered += count
